// A status as trailers and back. The only place, with reset codes in the http binding, where gRPC's form of a status is known.
import { GRPC_MESSAGE_BYTES_MAX, percentDecodeText, percentEncode } from "../../core/percent.ts";
import { Code, type Status } from "../../core/status.ts";
import type { HttpHeaders, HttpResponse } from "../../ports/http.ts";

const OK_TRAILERS: HttpResponse = { headers: [["grpc-status", "0"]] };

/** `metadata` must be legal already. */
export const trailersOf = ({ code, message }: Status, metadata: HttpHeaders): HttpResponse => {
  if (code === Code.OK && message === "" && metadata.length === 0) return OK_TRAILERS;
  const number = Number.isInteger(code) && code >= 0 ? code : Code.UNKNOWN;
  const trailers: (readonly [string, string])[] = [["grpc-status", String(number)]];
  if (message !== "") trailers.push(["grpc-message", percentEncode(message, GRPC_MESSAGE_BYTES_MAX)]);
  trailers.push(...metadata);
  return { headers: trailers };
};

const NUMBER = /^[0-9]{1,9}$/;

/** The status in headers or trailers; undefined when there is none, UNKNOWN when it is no number. */
export const statusOf = (headers: HttpHeaders): Status | undefined => {
  let code: string | undefined;
  let message = "";
  for (const [name, value] of headers) {
    if (name === "grpc-status") code = value;
    else if (name === "grpc-message") message = percentDecodeText(value);
  }
  if (code === undefined) return undefined;
  if (NUMBER.test(code)) return { code: Number(code), message };
  return { code: Code.UNKNOWN, message: `the server's grpc-status is ${JSON.stringify(code)}, which is no number` };
};

const HTTP_CODES: ReadonlyMap<number, number> = new Map([
  [400, Code.INTERNAL],
  [401, Code.UNAUTHENTICATED],
  [403, Code.PERMISSION_DENIED],
  [404, Code.UNIMPLEMENTED],
  [429, Code.UNAVAILABLE],
  [502, Code.UNAVAILABLE],
  [503, Code.UNAVAILABLE],
  [504, Code.UNAVAILABLE],
]);

/** What a response without a gRPC status means (grpc.io, "HTTP to gRPC Status Code Mapping"). */
export const statusOfHttp = (status: number): Status => ({
  code: HTTP_CODES.get(status) ?? Code.UNKNOWN,
  message: `the server answered HTTP ${status} without a grpc-status`,
});
