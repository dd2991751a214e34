// Which partitions of a topic of replies a process reads that reads its own share: those of the share, and those that calls have brought along
// whose id was not drawn for it. Replies are keyed by the id, so an id says where its replies are, as whoever writes them sees the topic.
import type { Clock } from "../../core/clock.ts";
import type { Share } from "../../ports/kafka.ts";
import { partitionOfHash } from "../wire/murmur2.ts";

/**
 * After partitions were added, others may not have heard of them for this long, and write where they believe a key belongs (producers look
 * every 5 minutes by themselves); and whoever has heard at once may have done so that much earlier, as other clocks tell it.
 */
export const GROWTH_MS = 600_000;

/** The partitions of a share among `count`: every so-manieth. Where there are fewer than parts, several parts are the same one. */
export const partitionsOfShare = ({ index, of }: Share, count: number): readonly number[] => {
  if (count === 0) return [];
  if (count < of) return [index % count];
  return Array.from({ length: Math.ceil((count - index) / of) }, (_, at) => index + at * of);
};

/** What is to be followed as well, now that the topic has more partitions. */
export interface Grown {
  /** They are new. */
  readonly whole: readonly number[];
  /** They were there, and replies of running calls may have been written to them since the others came. */
  readonly recent: readonly number[];
}

export class OwnPartitions {
  readonly #share: Share;
  readonly #clock: Clock;
  /** How many there are, and how many there were, as long as that matters; the newest first. */
  #counts: readonly { readonly count: number; readonly sinceMs: number }[] = [];
  readonly #read = new Set<number>();
  /** Of these, what was there before is not read. */
  readonly #partial = new Set<number>();
  /** Calls that wait, by the hash of their id. */
  readonly #waiting = new Map<number, number>();

  constructor(share: Share, clock: Clock) {
    this.#share = share;
    this.#clock = clock;
  }

  /** Whether everything with a key of that hash is read, or is about to be. */
  readonly reads = (hash: number): boolean => {
    for (const { count } of this.#counts) if (!this.#read.has(partitionOfHash(hash, count))) return false;
    return true;
  };

  /** Where records with a key of that hash may be written. */
  partitionsOf(hash: number): readonly number[] {
    return this.#counts.map(({ count }) => partitionOfHash(hash, count));
  }

  /** Whether what was there before is not read of all of these. */
  someArePartial(partitions: readonly number[]): boolean {
    return partitions.some((partition) => this.#partial.has(partition));
  }

  /** A call waits for replies: those of its partitions that are not read yet have to be, from their beginning. */
  enter(hash: number): readonly number[] {
    this.#forgetOld();
    this.#waiting.set(hash, (this.#waiting.get(hash) ?? 0) + 1);
    return this.#take(this.partitionsOf(hash));
  }

  leave(hash: number): void {
    const others = (this.#waiting.get(hash) ?? 1) - 1;
    if (others > 0) this.#waiting.set(hash, others);
    else this.#waiting.delete(hash);
  }

  /** The topic has so many partitions, `before` of which were there: what is followed from now on. */
  counted(count: number, before: number): Grown {
    this.#counts = [{ count, sinceMs: this.#clock.monotonicMs() }, ...this.#counts];
    const called = [...this.#waiting.keys()].map((hash) => partitionOfHash(hash, count));
    const taken = this.#take([...partitionsOfShare(this.#share, count), ...called]);
    const recent = taken.filter((partition) => partition < before);
    for (const partition of recent) this.#partial.add(partition);
    return { whole: taken.filter((partition) => partition >= before), recent };
  }

  #take(partitions: readonly number[]): readonly number[] {
    const taken = [...new Set(partitions)].filter((partition) => !this.#read.has(partition));
    for (const partition of taken) this.#read.add(partition);
    return taken;
  }

  /** An older count matters until long after the next one came. */
  #forgetOld(): void {
    if (this.#counts.length < 2) return;
    const nowMs = this.#clock.monotonicMs();
    this.#counts = this.#counts.filter((_, at) => at === 0 || nowMs - this.#counts[at - 1]!.sinceMs < GROWTH_MS);
  }
}
