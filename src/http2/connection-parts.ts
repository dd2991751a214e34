// What a connection is made with, and whom it tells what happens: the server's end and the client's differ in this and in nothing else.
import type { Clock } from "../core/clock.ts";
import type { StatusError } from "../core/status.ts";
import type { Wheel } from "../flow/wheel.ts";
import type { Connection } from "../ports/connection.ts";
import type { ConnectionError } from "./codes.ts";
import type { HttpCounters } from "./counters.ts";
import type { HeaderLimits, HeaderList } from "./header-list.ts";

/** Either end of a connection. */
export interface ConnectionEdge {
  /** A stream that is new. Only for servers; a client's peer can open none. */
  opened(id: number, list: HeaderList, flags: number): void;
  /** The peer has sent settings: how many streams it allows may have changed. */
  settled(): void;
  goaway(lastStream: number, code: number): void;
  /** A stream is over, and not counted any more. */
  over(): void;
  /** It has been without a stream for too long. */
  idle(): void;
  /** It ends, and why: a breach of the protocol, or a limit. Its streams are still told of it. */
  failing(error: ConnectionError): void;
  /** The socket is closed, and no stream is left. Once, and last; `reason` is what the socket said, if anything. */
  closed(reason: NodeJS.ErrnoException | undefined): void;
  /** What was thrown here is a bug of ours. */
  threw(error: StatusError): void;
}

export interface ConnectionParts {
  readonly role: "server" | "client";
  readonly connection: Connection;
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly counters: HttpCounters;
  readonly headers: HeaderLimits;
  /** Our own, identifiers and values. */
  readonly settings: readonly (readonly [id: number, value: number])[];
  readonly quietMs: number;
  readonly edge: ConnectionEdge;
}
