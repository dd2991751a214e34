// HTTP/2 error codes (RFC 9113 §7) and what they stand for: the one table of each direction (gRPC over HTTP/2, "Errors").
import { Code, type Status } from "../core/status.ts";
import type { LimitName } from "./counters.ts";

export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

const NAMES = Object.keys(ErrorCode); // In the order of their numbers.

/** `REFUSED_STREAM` for 7; the number as text for a code without a name. */
export const resetName = (code: number): string => NAMES[code] ?? String(code);

const OF_RESET: Readonly<Record<number, number>> = {
  [ErrorCode.REFUSED_STREAM]: Code.UNAVAILABLE,
  [ErrorCode.CANCEL]: Code.CANCELLED,
  [ErrorCode.ENHANCE_YOUR_CALM]: Code.RESOURCE_EXHAUSTED,
  [ErrorCode.INADEQUATE_SECURITY]: Code.PERMISSION_DENIED,
  [ErrorCode.HTTP_1_1_REQUIRED]: Code.UNKNOWN,
  [ErrorCode.STREAM_CLOSED]: Code.UNKNOWN,
};

/** What a peer's RST_STREAM stands for; a refused stream is surely unprocessed (RFC 9113 §8.7). */
export const statusOfReset = (code: number): Status => ({
  code: OF_RESET[code] ?? Code.INTERNAL,
  message: `the peer reset the stream with ${resetName(code)}`,
  ...(code === ErrorCode.REFUSED_STREAM && { unprocessed: true as const }),
});

/** What resets a stream that ends with a status. REFUSED_STREAM promises that nothing was done, so it needs a status that says so. */
export const resetOf = ({ code, unprocessed }: Status): number => {
  if (code === Code.CANCELLED || code === Code.DEADLINE_EXCEEDED) return ErrorCode.CANCEL;
  if (code === Code.UNAVAILABLE && unprocessed) return ErrorCode.REFUSED_STREAM;
  if (code === Code.RESOURCE_EXHAUSTED) return ErrorCode.ENHANCE_YOUR_CALM;
  return ErrorCode.INTERNAL_ERROR;
};

/** The peer has broken the protocol, or gone over a limit: the connection ends with GOAWAY. */
export class ConnectionError extends Error {
  readonly code: number;
  readonly limit: LimitName;
  constructor(code: number, why: string, limit: LimitName = "protocol") {
    super(why);
    this.code = code;
    this.limit = limit;
  }
}

/** Something came too often, or there is too much of it. */
export const tooMuch = (limit: LimitName, why: string): ConnectionError => new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, why, limit);

const LATE = {
  handshake: { code: ErrorCode.SETTINGS_TIMEOUT, why: "no greeting in time" },
  frame: { code: ErrorCode.ENHANCE_YOUR_CALM, why: "a frame takes too long" },
  stall: { code: ErrorCode.ENHANCE_YOUR_CALM, why: "nothing of what was sent is read" },
  keepalive: { code: ErrorCode.NO_ERROR, why: "keepalive_timeout" },
} as const;

/** Something did not come in time. */
export const tooLate = (limit: keyof typeof LATE): ConnectionError => new ConnectionError(LATE[limit].code, LATE[limit].why, limit);
