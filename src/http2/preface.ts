// What every client says first (RFC 9113 §3.4), and what a server holds it to.
import { ConnectionError, ErrorCode } from "./codes.ts";

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A client's first bytes, in chunks of any size. */
export class Preface {
  #seen = 0;

  /** How many bytes of the chunk belong to it. */
  take(chunk: Buffer): number {
    const bytes = Math.min(chunk.length, PREFACE.length - this.#seen);
    if (bytes > 0 && chunk.compare(PREFACE, this.#seen, this.#seen + bytes, 0, bytes) !== 0)
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "the connection does not begin with the preface of HTTP/2");
    this.#seen += bytes;
    return bytes;
  }
}
