// Cuts requests out of a connection's bytes: four bytes of length, then so many. Nothing is allocated by what a length says before the
// bytes are there.
import { WireError } from "../../kafka/wire/reader.ts";
import { REQUEST_BYTES_MAX } from "./limits.ts";

/** What says how long a request is. */
export const LENGTH_BYTES = 4;

export class Frames {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Of the frame that has begun; -1 while its length is not known. */
  #wanted = -1;
  readonly #bytesMax: () => number;

  /** What a frame may have is asked when one begins. */
  constructor(bytesMax: () => number = () => REQUEST_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes of a frame that has begun and has not ended. */
  get pending(): number {
    return this.#wanted < 0 ? this.#bytes : this.#bytes + LENGTH_BYTES;
  }

  /** The frames that end with this chunk. Views of it where they lie in it whole. Throws a WireError on a length out of bounds. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Uint8Array[] = [];
    for (;;) {
      if (this.#wanted < 0 && this.#bytes >= LENGTH_BYTES) this.#wanted = lengthOf(this.#take(LENGTH_BYTES), this.#bytesMax());
      if (this.#wanted < 0 || this.#bytes < this.#wanted) return frames;
      frames.push(this.#take(this.#wanted));
      this.#wanted = -1;
    }
  }

  #take(length: number): Uint8Array {
    this.#bytes -= length;
    const first = this.#chunks[0] ?? new Uint8Array(0);
    if (first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    if (first.length === length) {
      this.#chunks.shift();
      return first;
    }
    return this.#gather(length);
  }

  #gather(length: number): Uint8Array {
    const whole = Buffer.allocUnsafe(length);
    let at = 0;
    let used = 0;
    while (at < length) {
      const chunk = this.#chunks[used]!;
      const part = Math.min(chunk.length, length - at);
      whole.set(part === chunk.length ? chunk : chunk.subarray(0, part), at);
      at += part;
      if (part === chunk.length) used += 1;
      else this.#chunks[used] = chunk.subarray(part);
    }
    this.#chunks.splice(0, used);
    return whole;
  }
}

const lengthOf = (bytes: Uint8Array, bytesMax: number): number => {
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getInt32(0);
  if (length < 0 || length > bytesMax) throw new WireError(`a request of ${length} bytes; at most ${bytesMax} are allowed`);
  return length;
};
