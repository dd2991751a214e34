// One stream of a connection (RFC 9113 §5): its state, its two windows, and what waits to be sent. A small object and no more: server and
// client make of it what they need.
import { fail, StatusError } from "../core/status.ts";
import type { HttpRequest, HttpResponse } from "../ports/http.ts";
import type { Batch } from "../ports/service.ts";
import { ErrorCode } from "./codes.ts";
import { ReceiveWindow } from "./flow-control.ts";
import { Flag, UINT31_MAX } from "./frame.ts";
import type { HeaderList } from "./header-list.ts";
import { STREAM_WINDOW_BYTES, STREAM_WINDOW_BYTES_MAX } from "./limits.ts";
import { SendQueue } from "./send-queue.ts";
import type { StreamEvents, StreamOwner } from "./stream-owner.ts";

const NO_LENGTH = -1;
/** What comes after the queue. */
type Ending = "nothing" | "end" | HttpResponse;

export class Stream {
  readonly id: number;
  readonly #owner: StreamOwner;
  readonly #events: StreamEvents;
  /** The peer's window for us. Below 0 after it has made it smaller. */
  #sendWindow: number;
  /** Ours for the peer. */
  #window: ReceiveWindow | undefined;
  /** What waits for windows and the socket; never empty. */
  #queue: SendQueue | undefined;
  #ending: Ending = "nothing";
  #heldBytes = 0;
  #paused = false;
  #contentLeft = NO_LENGTH;
  #waiting = false;
  #localEnded = false;
  #remoteEnded = false;
  #closed = false;
  /** Bytes of DATA that went out: whether there is progress. */
  sentBytes = 0;

  constructor(id: number, owner: StreamOwner, parts: { readonly events: StreamEvents; readonly sendWindow: number }) {
    this.id = id;
    this.#owner = owner;
    this.#events = parts.events;
    this.#sendWindow = parts.sendWindow;
  }

  get remoteEnded(): boolean {
    return this.#remoteEnded;
  }
  /** Bytes that wait here to be sent. */
  get queuedBytes(): number {
    return this.#queue?.bytes ?? 0;
  }

  // What we send.

  /** Flags may be END_STREAM. What cannot be sent resets the stream and is told as `unsendable`. */
  headers(headers: HttpRequest | HttpResponse, flags = 0): void {
    if (this.#localEnded || this.#closed) return;
    try {
      this.#owner.writeHeaders(this.id, flags, headers);
      this.#owner.wrote();
      if (flags === Flag.END_STREAM) this.#endedLocally();
    } catch (reason) {
      this.#close("reset", ErrorCode.INTERNAL_ERROR, (events) => events.unsendable(StatusError.from(reason)));
    }
  }

  /** Takes the batch. False: enough for now, until `roomy`. */
  write(batch: Batch<Uint8Array>): boolean {
    if (this.#localEnded || this.#closed || this.#ending !== "nothing") return false;
    const owner = this.#owner;
    const [chunk] = batch;
    if (chunk && batch.length === 1 && this.#queue === undefined && chunk.length <= this.#allowance()) this.#send(chunk);
    else {
      this.#enqueue(batch);
      this.pump();
    }
    if (this.#queue === undefined) {
      if (!owner.full) return true;
      owner.blocked.add(this);
    }
    this.#waiting = true;
    return false;
  }

  /** No more of ours, once the queue is sent. */
  end(): void {
    this.#endWith("end");
  }

  trailers(trailers: HttpResponse): void {
    this.#endWith(trailers);
  }

  reset(code: number): void {
    this.#close("reset", code);
  }

  /** Sends what may be sent of the queue. For the connection, when there is room. */
  pump(): void {
    while (this.#queue !== undefined) {
      const allowance = this.#allowance();
      if (allowance <= 0) {
        if (this.#sendWindow > 0) this.#owner.blocked.add(this);
        return;
      }
      this.#sendQueued(this.#queue, allowance);
    }
    if (this.#ending !== "nothing") this.#finish(this.#ending);
    else if (this.#waiting && this.#owner.full) this.#owner.blocked.add(this);
    else if (this.#waiting) {
      this.#waiting = false;
      this.#events.roomy();
    }
  }

  // What the connection gives.

  /** The peer's window grows, or shrinks with its settings. False: it is larger than a window may be. */
  widen(bytes: number): boolean {
    this.#sendWindow += bytes;
    if (this.#queue !== undefined && this.#sendWindow > 0) {
      this.#owner.blocked.add(this); // For the end of the turn: many updates come at once.
      this.#owner.answered();
    }
    return this.#sendWindow <= UINT31_MAX;
  }

  /** WINDOW_UPDATE came. */
  receiveWindow(bytes: number): void {
    if (bytes === 0) this.#fault(ErrorCode.PROTOCOL_ERROR, "a window grows by nothing");
    else if (!this.widen(bytes)) this.#fault(ErrorCode.FLOW_CONTROL_ERROR, "a window has more than 2^31-1 bytes");
  }

  /** HEADERS came, and did not open it. */
  receiveHeaders(list: HeaderList, flags: number): void {
    if (this.#remoteEnded) {
      this.#fault(ErrorCode.STREAM_CLOSED, "HEADERS came after the end of the stream");
      return;
    }
    const why = this.#events.listed(list, flags);
    if (why !== "") this.#fault(ErrorCode.PROTOCOL_ERROR, why);
    else if (flags & Flag.END_STREAM) this.endRemote();
  }

  /** What content-length says. */
  expect(contentLength: number): void {
    this.#contentLeft = contentLength;
  }

  /** A DATA frame begins. */
  receive(length: number): void {
    if (this.#remoteEnded) {
      this.#fault(ErrorCode.STREAM_CLOSED, "DATA came after the end of the stream");
      return;
    }
    this.#window ??= new ReceiveWindow(STREAM_WINDOW_BYTES, STREAM_WINDOW_BYTES_MAX);
    if (!this.#window.use(length)) this.#fault(ErrorCode.FLOW_CONTROL_ERROR, "the peer sent more than its window");
  }

  take(chunk: Uint8Array): void {
    if (this.#contentLeft !== NO_LENGTH) {
      if (chunk.length > this.#contentLeft) {
        this.#fault(ErrorCode.PROTOCOL_ERROR, "the body is longer than its content-length");
        return;
      }
      this.#contentLeft -= chunk.length;
    }
    if (this.#paused) this.#hold(chunk.length);
    this.#events.data(chunk);
  }

  /** END_STREAM came. */
  endRemote(): void {
    if (this.#remoteEnded || this.#closed) return;
    if (this.#contentLeft > 0) {
      this.#fault(ErrorCode.PROTOCOL_ERROR, "the body is shorter than its content-length");
      return;
    }
    this.#remoteEnded = true;
    this.#events.ended();
    if (this.#localEnded) this.#close("ended");
  }

  /** RST_STREAM came. */
  resetByPeer(code: number): void {
    this.#close("ended", undefined, (events) => events.reset(code));
  }

  lost(): void {
    this.#close("ended", undefined, (events) => events.lost());
  }

  /** The reader is slow: the peer gets no more window. */
  pause(): void {
    this.#paused = true;
    this.#window?.slow();
  }
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#hold(-this.#heldBytes);
    this.credit();
  }
  /** What came was taken: the peer may send more. */
  credit(): void {
    if (this.#paused || this.#remoteEnded || this.#closed) return;
    const bytes = this.#window?.refill() ?? 0;
    if (bytes === 0) return;
    this.#owner.writer.windowUpdate(this.id, bytes);
    this.#owner.wrote();
  }

  #allowance(): number {
    const owner = this.#owner;
    return owner.full ? 0 : Math.min(this.#sendWindow, owner.sendWindow, owner.frameBytesMax);
  }

  /** A whole chunk, within the allowance. */
  #send(chunk: Uint8Array): void {
    const { length } = chunk;
    const { writer } = this.#owner;
    if (length === 0) return; // A frame that says nothing.
    writer.data(this.id, length);
    writer.payload(chunk, 0, length);
    this.#sent(length);
  }

  #enqueue(batch: Batch<Uint8Array>): void {
    const queue = this.#queue ?? new SendQueue();
    this.#owner.queuedBytes += queue.push(batch);
    if (queue.bytes > 0) this.#queue = queue;
  }

  /** One frame out of the queue. */
  #sendQueued(queue: SendQueue, allowance: number): void {
    const bytes = queue.send(this.#owner.writer, this.id, allowance);
    this.#owner.queuedBytes -= bytes;
    if (queue.bytes === 0) this.#queue = undefined;
    this.#sent(bytes);
  }

  #sent(bytes: number): void {
    this.#sendWindow -= bytes;
    this.#owner.sendWindow -= bytes;
    this.sentBytes += bytes;
    this.#owner.wroteData();
  }

  #endWith(ending: "end" | HttpResponse): void {
    if (this.#localEnded || this.#closed || this.#ending !== "nothing") return;
    if (this.#queue === undefined) this.#finish(ending);
    else this.#ending = ending;
  }

  #finish(ending: "end" | HttpResponse): void {
    this.#ending = "nothing";
    if (ending !== "end") {
      this.headers(ending, Flag.END_STREAM);
      return;
    }
    this.#owner.writer.endData(this.id);
    this.#owner.wrote();
    this.#endedLocally();
  }

  #endedLocally(): void {
    this.#localEnded = true;
    this.#owner.blocked.delete(this);
    if (this.#remoteEnded) this.#close("ended");
    else this.#owner.halfOver(this);
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#owner.hold(bytes);
  }

  /** Resets the stream for what the peer did. */
  #fault(code: number, why: string): void {
    const error = fail("INTERNAL", `the peer broke the protocol: ${why}`);
    this.#close("fault", code, (events) => events.broken(error));
  }

  /** Nothing is sent or given any more; with a code the peer is told. */
  #close(how: "ended" | "reset" | "fault", code?: number, tell?: (events: StreamEvents) => void): void {
    if (this.#closed) return;
    const owner = this.#owner;
    this.#closed = true;
    owner.blocked.delete(this);
    owner.queuedBytes -= this.queuedBytes;
    this.#queue = undefined;
    if (this.#heldBytes > 0) this.#hold(-this.#heldBytes);
    if (code !== undefined) owner.writeReset(this.id, code);
    tell?.(this.#events);
    this.#events.closed();
    owner.over(this.id, how);
  }
}
