// Compressed messages end at the edge: inside, and on the topics, messages are plain. Decompressed at once rather than in a thread,
// which keeps their order without a queue; the limits below bound what one message can cost (4 MiB take about 10 ms).
import { gunzipSync, inflateSync } from "node:zlib";
import { fail } from "../../core/status.ts";
import type { Message } from "../../ports/grpc.ts";
import type { GrpcLimits } from "./config.ts";

export type Encoding = "identity" | "gzip" | "deflate";

/** What `grpc-accept-encoding` says. */
export const ACCEPT_ENCODING = "identity,gzip,deflate";

/** Up to this size a message may have been compressed by any ratio; it is what the smallest bomb can cost. Text and JSON stay below 20. */
export const RATIO_FREE_BYTES = 1024 * 1024;

/** The encoding that `grpc-encoding` names, identity when there is none; undefined when it is not known here. */
export const encodingOf = (value: string | undefined): Encoding | undefined => {
  if (value === undefined || value === "") return "identity";
  return value === "identity" || value === "gzip" || value === "deflate" ? value : undefined;
};

/**
 * The plain message. RESOURCE_EXHAUSTED when it would be longer than the limit or was compressed by more than any real data is;
 * INTERNAL when the bytes are no such data, or the flag stands without an encoding.
 */
export const decompressed = (bytes: Uint8Array, encoding: Encoding, limits: GrpcLimits): Message => {
  if (encoding === "identity") throw fail("INTERNAL", "a message is marked as compressed, but grpc-encoding names no compression");
  if (bytes.length === 0) return bytes;
  const bytesMax = limits.decompressedMessageBytes;
  const ratioMax = Math.max(RATIO_FREE_BYTES, bytes.length * limits.compressionRatio);
  const options = { maxOutputLength: Math.min(bytesMax, ratioMax) };
  try {
    return encoding === "gzip" ? gunzipSync(bytes, options) : inflateSync(bytes, options);
  } catch (reason) {
    if (!isTooLong(reason)) throw fail("INTERNAL", `a message is not valid ${encoding} data`);
    if (bytesMax <= ratioMax) throw fail("RESOURCE_EXHAUSTED", `a decompressed message has more bytes than the limit of ${bytesMax}`);
    throw fail("RESOURCE_EXHAUSTED", `a message of ${bytes.length} bytes decompresses to more than ${ratioMax}`);
  }
};

const isTooLong = (reason: unknown): boolean => reason instanceof Error && "code" in reason && reason.code === "ERR_BUFFER_TOO_LARGE";
