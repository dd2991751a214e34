// The memory that all logs of a process share. Who appends takes; when there is too much, the oldest chunk of all goes, whichever log it
// is in: a quiet topic does not keep what a busy one needs.
import type { Chunk } from "./chunk.ts";
import { Fifo } from "./fifo.ts";
import { LOG_BYTES_MAX } from "./limits.ts";

/** Below this, entries of closed logs are left where they are. */
const STALE_MIN = 1_024;

/** A log, as its memory sees it. */
export interface ChunkHolder {
  /** Its oldest chunk is being dropped. */
  dropFirst(): void;
}

export class LogMemory {
  readonly bytesMax: number;
  /** Taken at present. */
  bytes = 0;
  /** Chunks that went because of the limit. */
  dropped = 0;
  readonly #order = new Fifo<{ readonly chunk: Chunk; readonly holder: ChunkHolder }>();
  /** How many in the order have left their log by themselves. */
  #stale = 0;

  constructor(bytesMax = LOG_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  /** The holder has this chunk as its newest. Others, and in the end this one, may be dropped in this call. */
  take(chunk: Chunk, holder: ChunkHolder): void {
    this.bytes += chunk.cost;
    this.#order.push({ chunk, holder });
    while (this.bytes > this.bytesMax) {
      const oldest = this.#order.shift();
      if (!oldest) return;
      if (oldest.chunk.dropped) this.#stale--;
      else {
        this.dropped++;
        oldest.holder.dropFirst();
        this.#leave(oldest.chunk);
      }
    }
  }

  /** The chunk leaves its log, which is closed or begins anew. */
  giveBack(chunk: Chunk): void {
    this.#leave(chunk);
    this.#stale++;
    if (this.#stale < STALE_MIN || this.#stale * 2 < this.#order.length) return;
    this.#order.retain((entry) => !entry.chunk.dropped);
    this.#stale = 0;
  }

  #leave(chunk: Chunk): void {
    chunk.dropped = true;
    chunk.records = [];
    this.bytes -= chunk.cost;
  }
}
