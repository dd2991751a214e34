// Memory that all logs of a process share, or all their indexes. Who grows takes; when there is too much, the oldest piece of all goes,
// whichever log it is in: a quiet topic does not keep what a busy one needs.
import { Fifo } from "./fifo.ts";
import { LOG_BYTES_MAX } from "./limits.ts";
import { SharedRecords } from "./shared-records.ts";

/** A piece of a log or an index. */
export interface Kept {
  /** Bytes that it takes. */
  readonly cost: number;
  /** Its holder no longer has it. */
  dropped: boolean;
  /** Lets go of what it holds: something may still know of the piece itself. */
  forget(): void;
}

/** A log or an index, as its memory sees it. */
export interface Holder {
  /** Its oldest piece is being dropped. */
  dropFirst(): void;
}

/** Below this, entries of closed holders are left where they are. */
const STALE_MIN = 1_024;

export class LogMemory {
  readonly bytesMax: number;
  /** Beside the limit, with one of its own. */
  readonly shared = new SharedRecords();
  /** Taken at present. */
  bytes = 0;
  /** Pieces that went because of the limit. */
  dropped = 0;
  readonly #order = new Fifo<{ readonly kept: Kept; readonly holder: Holder }>();
  /** How many in the order have left their holder by themselves. */
  #stale = 0;

  constructor(bytesMax = LOG_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  /** The holder has this piece as its newest. Others, and in the end this one, may be dropped in this call. */
  take(kept: Kept, holder: Holder): void {
    this.bytes += kept.cost;
    this.#order.push({ kept, holder });
    while (this.bytes > this.bytesMax) {
      const oldest = this.#order.shift();
      if (!oldest) return;
      if (oldest.kept.dropped) this.#stale--;
      else {
        this.dropped++;
        oldest.holder.dropFirst();
        this.#leave(oldest.kept);
      }
    }
  }

  /** The piece leaves its holder, which is closed or begins anew. */
  giveBack(kept: Kept): void {
    this.#leave(kept);
    this.#stale++;
    if (this.#stale < STALE_MIN || this.#stale * 2 < this.#order.length) return;
    this.#order.retain((entry) => !entry.kept.dropped);
    this.#stale = 0;
  }

  #leave(kept: Kept): void {
    kept.dropped = true;
    kept.forget();
    this.bytes -= kept.cost;
  }
}
