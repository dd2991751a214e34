// The final record of an exchange: its status as headers, and back. The message travels percent-coded, as in the `grpc-message` that the
// original copies without looking.
import { latin1, utf8 } from "../core/bytes.ts";
import { percentDecode, percentEncode } from "../core/percent.ts";
import { Code, OK, type Status } from "../core/status.ts";
import type { RecordHeaders, StoredRecord } from "../ports/kafka.ts";
import { MESSAGE_HEADER, STATUS_HEADER } from "./names.ts";

/** Longer messages are cut. More than a response's trailers carry: others may read the topic. */
export const FINAL_MESSAGE_BYTES_MAX = 4096;

/** `zilla:status`, then `zilla:message` when there is one. */
export const statusHeaders = ({ code, message }: Status): RecordHeaders => {
  const status = { name: STATUS_HEADER, value: utf8(String(code)) };
  return message === "" ? [status] : [status, { name: MESSAGE_HEADER, value: utf8(percentEncode(message, FINAL_MESSAGE_BYTES_MAX)) }];
};

/** The status of a final record: OK without `zilla:status`; UNKNOWN when that is no number, as gRPC asks. Never fails. */
export const statusOf = (record: Pick<StoredRecord, "header">): Status => {
  const header = record.header(STATUS_HEADER);
  if (header === undefined) return OK;
  const code = codeOf(header);
  const message = record.header(MESSAGE_HEADER) ?? undefined;
  if (code === undefined)
    return {
      code: Code.UNKNOWN,
      message: message ? percentDecode(message, FINAL_MESSAGE_BYTES_MAX) : "a reply ended without a readable status",
    };
  if (message !== undefined) return { code, message: percentDecode(message, FINAL_MESSAGE_BYTES_MAX) };
  return code === Code.OK ? OK : { code, message: "" };
};

const codeOf = (header: Uint8Array | null): number | undefined => {
  const digits = header === null ? "" : latin1(header.subarray(0, 16)).trim();
  return /^[0-9]{1,9}$/.test(digits) ? Number(digits) : undefined;
};
