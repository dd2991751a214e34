// A batch onto a stream of node:http2.
import type { Http2Stream } from "node:http2";
import type { Batch } from "../../../src/ports/service.ts";
import { PIECE_BYTES_MAX } from "./library-limits.ts";

/** One write for the batch; a large chunk goes in pieces, so that progress can be seen. False: enough for now. */
export const writeBatch = (stream: Http2Stream, batch: Batch<Uint8Array>): boolean => {
  if (batch.length === 1 && batch[0]!.length <= PIECE_BYTES_MAX) return stream.write(batch[0]);
  let go = true;
  stream.cork();
  for (const chunk of batch)
    for (let at = 0; at < chunk.length || at === 0; at += PIECE_BYTES_MAX) go = stream.write(chunk.subarray(at, at + PIECE_BYTES_MAX));
  stream.uncork();
  return go;
};
