// What compaction must know of transactions while it goes through a log: records of aborted ones go, and a marker may go once nothing of
// its transaction is left before it.
import { type BatchFacts, isTransactional } from "./batch-facts.ts";
import type { Marker } from "./markers.ts";
import type { AbortedRange } from "./producers.ts";

interface OpenAborted {
  readonly range: AbortedRange;
  wasSeen: boolean;
}

/** Goes through a log once, from an offset on. */
export class CleanTransactions {
  /** By their first offset, those that come last first. */
  readonly #coming: AbortedRange[];
  readonly #aborted = new Map<number, OpenAborted>();
  /** Producers whose committed records were seen since their last marker. */
  readonly #committed = new Set<number>();

  constructor(aborted: readonly AbortedRange[], startOffset: number) {
    const open = aborted.filter(({ lastOffset }) => lastOffset >= startOffset);
    this.#coming = open.sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** Whether a batch of records is of an aborted transaction. */
  isAborted(facts: BatchFacts): boolean {
    this.#upTo(facts.lastOffset);
    if (!isTransactional(facts)) return false;
    const open = this.#aborted.get(facts.producerId);
    if (open) open.wasSeen = true;
    else this.#committed.add(facts.producerId);
    return open !== undefined;
  }

  /** What a marker ends: whether it may go, and what the index must tell of it if it stays. */
  marker({ producerId, outcome }: Marker, offset: number): { readonly mayGo: boolean; readonly range?: AbortedRange } {
    this.#upTo(offset);
    if (outcome === "commit") return { mayGo: !this.#committed.delete(producerId) };
    const open = this.#aborted.get(producerId);
    this.#aborted.delete(producerId);
    return open?.wasSeen ? { mayGo: false, range: open.range } : { mayGo: true };
  }

  #upTo(offset: number): void {
    for (let next = this.#coming.at(-1); next && next.firstOffset <= offset; next = this.#coming.at(-1)) {
      this.#coming.pop();
      this.#aborted.set(next.producerId, { range: next, wasSeen: false });
    }
  }
}
