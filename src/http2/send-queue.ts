// What a stream could not send at once, as it was given: chunks are cut when a frame is made of them, and not before.
import type { Batch } from "../ports/service.ts";
import type { FrameWriter } from "./frame-writer.ts";

export class SendQueue {
  readonly #chunks: Uint8Array[] = [];
  /** How much of the first chunk is sent. */
  #offset = 0;
  bytes = 0;

  /** How many bytes there are more. */
  push(batch: Batch<Uint8Array>): number {
    let bytes = 0;
    for (const chunk of batch) {
      if (chunk.length === 0) continue;
      this.#chunks.push(chunk);
      bytes += chunk.length;
    }
    this.bytes += bytes;
    return bytes;
  }

  /** One DATA frame of at most `bytesMax`, which is not 0; how many bytes it has. */
  send(writer: FrameWriter, stream: number, bytesMax: number): number {
    const length = Math.min(bytesMax, this.bytes);
    writer.data(stream, length);
    let whole = 0;
    for (let left = length; left > 0; ) {
      const chunk = this.#chunks[whole]!;
      const to = Math.min(chunk.length, this.#offset + left);
      writer.payload(chunk, this.#offset, to);
      left -= to - this.#offset;
      this.#offset = to;
      if (to < chunk.length) break;
      this.#offset = 0;
      whole += 1;
    }
    if (whole > 0) this.#chunks.splice(0, whole);
    this.bytes -= length;
    return length;
  }
}
