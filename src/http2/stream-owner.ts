// What a stream needs of its connection, and whom it tells what comes: apart, since both look at it from their side.
import type { StatusError } from "../core/status.ts";
import type { HttpRequest, HttpResponse } from "../ports/http.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { HeaderList } from "./header-list.ts";

/** Who is told what comes. `closed` is the last of all, once, however it ended; before it at most one of `reset`, `broken`, `unsendable` and `lost`. */
export interface StreamEvents {
  /** HEADERS that do not open the stream: a response, or trailers. The rule that they break; "" when they are as they should be. */
  listed(list: HeaderList, flags: number): string;
  data(chunk: Uint8Array): void;
  /** The peer has sent all. */
  ended(): void;
  /** There is room again, after `write` said false. */
  roomy(): void;
  /** By the peer. */
  reset(code: number): void;
  /** The peer has broken the protocol, and the stream was reset for it. */
  broken(error: StatusError): void;
  /** We were given what cannot be sent, and the stream was reset for it. */
  unsendable(error: StatusError): void;
  /** The connection is gone. */
  lost(): void;
  closed(): void;
}

/** What waits for the socket or for the connection's window. */
export interface Blocked {
  /** There may be room. */
  pump(): void;
}

/** A stream that has sent all. */
export interface HalfOver {
  readonly remoteEnded: boolean;
  reset(code: number): void;
}

/** The connection, as its streams see it. */
export interface StreamOwner {
  readonly writer: FrameWriter;
  /** What the peer allows on all streams. */
  sendWindow: number;
  /** A DATA frame's payload. */
  readonly frameBytesMax: number;
  /** The socket has enough for now. */
  readonly full: boolean;
  /** Those that wait for the socket or for the connection's window. */
  readonly blocked: Set<Blocked>;
  /** Bytes in the queues of all streams. */
  queuedBytes: number;
  /** Something was written for a stream. */
  wrote(): void;
  /** Something is to be written when the turn is over. */
  answered(): void;
  /** A DATA frame was: the peer may answer it. */
  wroteData(): void;
  /** HEADERS. Throws INTERNAL when HTTP/2 cannot carry them. */
  writeHeaders(stream: number, flags: number, headers: HttpRequest | HttpResponse): void;
  /** RST_STREAM. */
  writeReset(stream: number, code: number): void;
  /** Bytes that came and wait for a reader, more or fewer. */
  hold(bytes: number): void;
  /** Both sides have ended or the peer has reset it, we have reset it, or we had to for what the peer did. */
  over(id: number, how: "ended" | "reset" | "fault"): void;
  /** Our side has ended and the peer's has not. */
  halfOver(stream: HalfOver): void;
}
