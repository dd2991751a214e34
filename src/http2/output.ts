// What goes into a connection's socket: everything that was written during a turn of the event loop, at its end, in one write.
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { FrameWriter } from "./frame-writer.ts";
import { LINGER_MS, OUTPUT_BYTES_MAX, UNREAD_BYTES_MAX } from "./limits.ts";

export interface OutputEdge {
  /** The turn is over: the last time to write something. */
  closing(): void;
  /** What had waited for the socket may go on. */
  roomy(): void;
  /** The socket could not get rid of all. */
  behind(): void;
}

export class Output {
  readonly writer = new FrameWriter();
  readonly #socket: Duplex;
  readonly #edge: OutputEdge;
  #scheduled = false;
  /** Given to the socket, and still there. */
  #socketBytes = 0;
  #givenBytes = 0;
  #unread = false;

  constructor(socket: Duplex, edge: OutputEdge) {
    this.#socket = socket;
    this.#edge = edge;
    socket.on("drain", () => {
      this.#settle();
      edge.roomy();
    });
  }

  /** Enough for now: what can wait, waits. */
  get full(): boolean {
    return this.#socketBytes + this.writer.waiting >= OUTPUT_BYTES_MAX;
  }
  /** How many bytes the socket has got rid of; undefined when it has none to get rid of. */
  get unsent(): number | undefined {
    const { writableLength } = this.#socket;
    return writableLength === 0 ? undefined : this.#givenBytes - writableLength;
  }
  /** The peer does not read, so it is not read from. */
  get unread(): boolean {
    return this.#unread;
  }

  /** Something was written. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(flush, this);
  }

  flush(): void {
    this.#scheduled = false;
    this.#edge.closing();
    const socket = this.#socket;
    if (this.writer.waiting === 0) return;
    this.#givenBytes += this.writer.waiting;
    const pieces = this.writer.take();
    if (!socket.writable) return; // Nobody will have it.
    if (pieces.length === 1) socket.write(pieces[0]);
    else {
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
    this.#settle();
    this.#edge.roomy();
  }

  /** Nothing is written any more. A peer that neither reads what there is nor closes is closed. */
  end(clock: Clock): void {
    this.#socket.end();
    this.#linger(clock);
  }

  #linger(clock: Clock): void {
    const socket = this.#socket;
    const bytes = socket.writableLength;
    const lingering = clock.after(LINGER_MS, () => {
      const isTaken = socket.writableLength < bytes;
      if (isTaken && !socket.destroyed) this.#linger(clock);
      else socket.destroy();
    });
    socket.once("close", () => lingering.cancel());
  }

  #settle(): void {
    const socket = this.#socket;
    this.#socketBytes = socket.writableLength;
    if (this.#socketBytes > 0) this.#edge.behind();
    if (this.#socketBytes >= UNREAD_BYTES_MAX && !this.#unread) {
      this.#unread = true;
      socket.pause();
    } else if (this.#unread && this.#socketBytes < OUTPUT_BYTES_MAX) {
      this.#unread = false;
      socket.resume();
    }
  }
}

const flush = (output: Output): void => output.flush();
