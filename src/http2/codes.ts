// HTTP/2 error codes and what they stand for: the one table of each direction (gRPC over HTTP/2, "Errors").
import { constants } from "node:http2";
import { Code, type Status } from "../core/status.ts";

const NAMES: Readonly<Record<number, string>> = {
  [constants.NGHTTP2_NO_ERROR]: "NO_ERROR",
  [constants.NGHTTP2_PROTOCOL_ERROR]: "PROTOCOL_ERROR",
  [constants.NGHTTP2_INTERNAL_ERROR]: "INTERNAL_ERROR",
  [constants.NGHTTP2_FLOW_CONTROL_ERROR]: "FLOW_CONTROL_ERROR",
  [constants.NGHTTP2_SETTINGS_TIMEOUT]: "SETTINGS_TIMEOUT",
  [constants.NGHTTP2_STREAM_CLOSED]: "STREAM_CLOSED",
  [constants.NGHTTP2_FRAME_SIZE_ERROR]: "FRAME_SIZE_ERROR",
  [constants.NGHTTP2_REFUSED_STREAM]: "REFUSED_STREAM",
  [constants.NGHTTP2_CANCEL]: "CANCEL",
  [constants.NGHTTP2_COMPRESSION_ERROR]: "COMPRESSION_ERROR",
  [constants.NGHTTP2_CONNECT_ERROR]: "CONNECT_ERROR",
  [constants.NGHTTP2_ENHANCE_YOUR_CALM]: "ENHANCE_YOUR_CALM",
  [constants.NGHTTP2_INADEQUATE_SECURITY]: "INADEQUATE_SECURITY",
  [constants.NGHTTP2_HTTP_1_1_REQUIRED]: "HTTP_1_1_REQUIRED",
};

/** `REFUSED_STREAM` for 7; the number as text for a code without a name. */
export const resetName = (code: number): string => NAMES[code] ?? String(code);

const OF_RESET: Readonly<Record<number, number>> = {
  [constants.NGHTTP2_REFUSED_STREAM]: Code.UNAVAILABLE,
  [constants.NGHTTP2_CANCEL]: Code.CANCELLED,
  [constants.NGHTTP2_ENHANCE_YOUR_CALM]: Code.RESOURCE_EXHAUSTED,
  [constants.NGHTTP2_INADEQUATE_SECURITY]: Code.PERMISSION_DENIED,
  [constants.NGHTTP2_HTTP_1_1_REQUIRED]: Code.UNKNOWN,
  [constants.NGHTTP2_STREAM_CLOSED]: Code.UNKNOWN,
};

/** What a peer's RST_STREAM stands for; a refused stream is surely unprocessed (RFC 9113 §8.7). */
export const statusOfReset = (code: number): Status => ({
  code: OF_RESET[code] ?? Code.INTERNAL,
  message: `the peer reset the stream with ${resetName(code)}`,
  ...(code === constants.NGHTTP2_REFUSED_STREAM && { unprocessed: true as const }),
});

/** What resets a stream that ends with a status. REFUSED_STREAM promises that nothing was done, so it needs a status that says so. */
export const resetOf = ({ code, unprocessed }: Status): number => {
  if (code === Code.CANCELLED || code === Code.DEADLINE_EXCEEDED) return constants.NGHTTP2_CANCEL;
  if (code === Code.UNAVAILABLE && unprocessed) return constants.NGHTTP2_REFUSED_STREAM;
  if (code === Code.RESOURCE_EXHAUSTED) return constants.NGHTTP2_ENHANCE_YOUR_CALM;
  return constants.NGHTTP2_INTERNAL_ERROR;
};
