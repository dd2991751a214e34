// How long a connection may take over what: its greeting, a frame that has begun, being idle, being silent. A few entries of the
// wheel, which look at what has become of the connection; nothing is armed or cancelled for a frame or a stream.
import type { Clock, Timer } from "../core/clock.ts";
import type { Deadline, Expiring, Wheel } from "../flow/wheel.ts";
import * as limits from "./limits.ts";
import { Watch } from "./watch.ts";

/** A connection, as its timers see it. */
export interface Living {
  readonly greeted: boolean;
  readonly streams: { readonly size: number };
  /** Different for each frame or header block that has begun and not ended; undefined when there is none, or it is our fault. */
  readonly unfinished: number | undefined;
  /** How many bytes the socket has got rid of; undefined when it has none to get rid of. */
  readonly output: { readonly unsent: number | undefined };
  /** It took too long. */
  late(limit: "handshake" | "frame" | "idle" | "keepalive" | "stall"): void;
  ping(answered: () => void): void;
}

export interface LifeParts {
  readonly clock: Clock;
  readonly wheel: Wheel;
  /** After this silence the peer is asked whether it is there. */
  readonly quietMs: number;
}

export class Life implements Expiring {
  readonly #parts: LifeParts;
  readonly #of: Living;
  readonly #frame: Watch;
  readonly #output: Watch;
  #timer: Deadline;
  #ping: Timer | undefined;
  #heard = true;
  #pingedMs = Number.NEGATIVE_INFINITY;
  #idleSinceMs: number;
  #over = false;

  constructor(of: Living, parts: LifeParts) {
    this.#parts = parts;
    this.#of = of;
    const { clock, wheel } = parts;
    this.#frame = new Watch({ clock, wheel, periodMs: limits.FRAME_TIMEOUT_MS, mark: () => of.unfinished, late: () => of.late("frame") });
    this.#output = new Watch({
      clock,
      wheel,
      periodMs: limits.STALL_TIMEOUT_MS,
      mark: () => of.output.unsent,
      late: () => of.late("stall"),
    });
    this.#idleSinceMs = parts.clock.now();
    this.#timer = parts.wheel.at(this.#idleSinceMs + limits.HANDSHAKE_TIMEOUT_MS, this);
  }

  /** The peer has greeted. */
  greeted(): void {
    this.#timer.cancel();
    this.#arm(this.#parts.clock.now());
  }

  /** Something came; called once a chunk. */
  heard(): void {
    this.#heard = true;
    if (this.#of.unfinished !== undefined) this.#frame.look();
  }

  /** The socket could not get rid of all. */
  behind(): void {
    this.#output.look();
  }

  /** The last stream is over. */
  idle(): void {
    this.#idleSinceMs = this.#parts.clock.now();
  }

  close(): void {
    this.#over = true;
    this.#timer.cancel();
    this.#ping?.cancel();
    this.#frame.close();
    this.#output.close();
  }

  expired(): void {
    if (this.#over) return;
    const now = this.#parts.clock.now();
    if (!this.#of.greeted) this.#of.late("handshake");
    else if (this.#of.streams.size > 0) this.#keepAlive(now);
    else if (now - this.#idleSinceMs >= limits.IDLE_TIMEOUT_MS) this.#of.late("idle");
    if (!this.#over) this.#arm(now);
  }

  #arm(now: number): void {
    const quiet = now + this.#parts.quietMs;
    const idle = this.#idleSinceMs + limits.IDLE_TIMEOUT_MS;
    this.#timer = this.#parts.wheel.at(this.#of.streams.size === 0 && idle > now ? Math.min(quiet, idle) : quiet, this);
  }

  #keepAlive(now: number): void {
    const heard = this.#heard;
    this.#heard = false;
    if (heard || this.#ping !== undefined || now - this.#pingedMs < limits.KEEP_ALIVE_REPEAT_MS) return;
    this.#pingedMs = now;
    this.#ping = this.#parts.clock.after(limits.KEEP_ALIVE_TIMEOUT_MS, () => this.#of.late("keepalive"));
    this.#of.ping(() => {
      this.#ping?.cancel();
      this.#ping = undefined;
    });
  }
}
