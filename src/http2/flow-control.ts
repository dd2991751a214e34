// What a peer may send ahead of its reader (RFC 9113 §5.2), for a stream or for a connection. A window is given back when half of it is
// used and what came has been taken; whoever takes everything at once gets a larger one.

export class ReceiveWindow {
  readonly #bytesMin: number;
  readonly #bytesMax: number;
  /** What the window is filled up to. */
  #bytes: number;
  /** What the peer may still send. */
  #left: number;

  constructor(bytes: number, bytesMax = bytes) {
    this.#bytesMin = bytes;
    this.#bytesMax = bytesMax;
    this.#bytes = bytes;
    this.#left = bytes;
  }

  /** So many bytes came. False: more than was allowed. */
  use(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** What came is taken: by how many bytes the peer's window is to grow, or 0 while there is enough of it. */
  refill(): number {
    if (this.#left * 2 > this.#bytes) return 0;
    this.#bytes = Math.min(2 * this.#bytes, this.#bytesMax);
    const bytes = this.#bytes - this.#left;
    this.#left = this.#bytes;
    return bytes;
  }

  /** The reader is slow: the next window is small again. */
  slow(): void {
    this.#bytes = this.#bytesMin;
  }
}
