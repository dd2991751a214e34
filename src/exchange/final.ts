// The final record of an exchange: its status as headers, and back. The message travels percent-coded, as in the `grpc-message` that the
// original copies without looking.
import { buffer, latin1, text, utf8 } from "../core/bytes.ts";
import { Code, OK, type Status } from "../core/status.ts";
import type { RecordHeaders, StoredRecord } from "../ports/kafka.ts";
import { MESSAGE_HEADER, STATUS_HEADER } from "./names.ts";

/** Longer messages are cut: they would not fit into a response's trailers. */
export const STATUS_MESSAGE_BYTES_MAX = 4096;

/** `zilla:status`, then `zilla:message` when there is one. */
export const statusHeaders = ({ code, message }: Status): RecordHeaders => {
  const status = { name: STATUS_HEADER, value: utf8(String(code)) };
  return message === "" ? [status] : [status, { name: MESSAGE_HEADER, value: percentEncode(message) }];
};

/** The status of a final record: OK without `zilla:status`; UNKNOWN when that is no number, as gRPC asks. Never fails. */
export const statusOf = (record: Pick<StoredRecord, "header">): Status => {
  const header = record.header(STATUS_HEADER);
  if (header === undefined) return OK;
  const code = codeOf(header);
  const message = record.header(MESSAGE_HEADER) ?? undefined;
  if (code === undefined)
    return { code: Code.UNKNOWN, message: message ? percentDecode(message) : "a reply ended without a readable status" };
  if (message !== undefined) return { code, message: percentDecode(message) };
  return code === Code.OK ? OK : { code, message: "" };
};

const codeOf = (header: Uint8Array | null): number | undefined => {
  const digits = header === null ? "" : latin1(header.subarray(0, 16)).trim();
  return /^[0-9]{1,9}$/.test(digits) ? Number(digits) : undefined;
};

const PERCENT = 0x25;
const HEXADECIMAL = "0123456789ABCDEF";
const hexadecimal = (byte: number): number => HEXADECIMAL.charCodeAt(byte);

/** gRPC's coding (PROTOCOL-HTTP2, Percent-Encoded): what is not printable ASCII, and `%`, as `%XX` of its UTF-8. */
export const percentEncode = (message: string): Uint8Array => {
  const bytes = cut(utf8(message));
  const encoded = new Uint8Array(bytes.length * 3);
  let at = 0;
  for (const byte of bytes) {
    if (byte >= 0x20 && byte <= 0x7e && byte !== PERCENT) {
      encoded[at++] = byte;
      continue;
    }
    encoded[at++] = PERCENT;
    encoded[at++] = hexadecimal(byte >> 4);
    encoded[at++] = hexadecimal(byte & 0xf);
  }
  return encoded.subarray(0, at);
};

/** Lenient: a `%` that codes nothing stands for itself, and plain UTF-8 is taken as it is. */
export const percentDecode = (bytes: Uint8Array): string => {
  if (!bytes.includes(PERCENT)) return text(cut(bytes));
  const decoded = new Uint8Array(bytes.length);
  let at = 0;
  for (let i = 0; i < bytes.length; i++) {
    const coded = bytes[i] === PERCENT ? buffer(bytes).toString("latin1", i + 1, i + 3) : "";
    if (/^[0-9A-Fa-f]{2}$/.test(coded)) {
      decoded[at++] = Number.parseInt(coded, 16);
      i += 2;
    } else decoded[at++] = bytes[i]!;
  }
  return text(cut(decoded.subarray(0, at)));
};

/** At the end of a character. */
const cut = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length <= STATUS_MESSAGE_BYTES_MAX) return bytes;
  let end = STATUS_MESSAGE_BYTES_MAX;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
};
