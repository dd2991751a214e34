// How long a connection may take over what: its greeting, a frame that has begun, being idle, being silent. Two entries of the wheel at
// most, which look at what has become of the connection; nothing is armed or cancelled for a frame or a stream.
import type { Clock, Timer } from "../core/clock.ts";
import type { Deadline, Expiring, Wheel } from "../flow/wheel.ts";
import * as limits from "./limits.ts";

/** A connection, as its timers see it. */
export interface Living {
  readonly greeted: boolean;
  readonly streams: { readonly size: number };
  /** Different for each frame or header block that has begun and not ended; undefined when there is none, or it is our fault. */
  readonly unfinished: number | undefined;
  /** It took too long. */
  late(limit: "handshake" | "frame" | "idle" | "keepalive"): void;
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
  readonly #frame: FrameWatch;
  #timer: Deadline;
  #ping: Timer | undefined;
  #heard = true;
  #pingedMs = Number.NEGATIVE_INFINITY;
  #idleSinceMs: number;
  #over = false;

  constructor(of: Living, parts: LifeParts) {
    this.#parts = parts;
    this.#of = of;
    this.#frame = new FrameWatch(of, parts);
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

  /** The last stream is over. */
  idle(): void {
    this.#idleSinceMs = this.#parts.clock.now();
  }

  close(): void {
    this.#over = true;
    this.#timer.cancel();
    this.#ping?.cancel();
    this.#frame.close();
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

/** Half a frame, or half a header block: armed by the first that a chunk leaves, and it looks whether it is still the same. */
class FrameWatch implements Expiring {
  readonly #of: Living;
  readonly #parts: LifeParts;
  #timer: Deadline | undefined;
  #seen: number | undefined;

  constructor(of: Living, parts: LifeParts) {
    this.#of = of;
    this.#parts = parts;
  }

  look(): void {
    if (this.#timer !== undefined) return;
    this.#seen = this.#of.unfinished;
    this.#timer = this.#parts.wheel.at(this.#parts.clock.now() + limits.FRAME_TIMEOUT_MS, this);
  }

  close(): void {
    this.#timer?.cancel();
  }

  expired(): void {
    this.#timer = undefined;
    const { unfinished } = this.#of;
    if (unfinished === undefined) return;
    if (unfinished === this.#seen) this.#of.late("frame");
    else this.look();
  }
}
