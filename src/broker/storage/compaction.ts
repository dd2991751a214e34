// Keeps the newest record of every key: when a log is dirty enough, its older segments are rewritten without what newer records replace.

import type { FilterOf } from "./clean-filter.ts";
import { CleanKeys, KEY_LIMITS, type KeyLimits } from "./clean-keys.ts";
import { cleanGroup, type Decided, finish, groupsOf } from "./clean-segments.ts";
import { CleanTransactions } from "./clean-transactions.ts";
import { type InnerLog, mark } from "./inner-log.ts";
import { RetiredError } from "./open-files.ts";
import type { AbortedRange } from "./producers.ts";
import { scan } from "./scan.ts";
import type { Segment } from "./segment.ts";

/** What a round of compaction did. */
export interface Compacted {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly endOffset: number;
}

/** Of one log; a round at a time. */
export class Compaction {
  readonly #log: InnerLog;
  readonly #limits: KeyLimits;
  #undone: Decided | undefined;

  constructor(log: InnerLog, limits = KEY_LIMITS) {
    this.#log = log;
    this.#limits = limits;
  }

  /**
   * One round if the log is dirty enough; undefined if it is not, or if segments were deleted meanwhile. Takes the log's turn where it must.
   */
  async round(): Promise<Compacted | undefined> {
    await this.#log.turns.take(() => this.#finishUndone());
    try {
      return await this.#clean();
    } catch (reason) {
      if (reason instanceof RetiredError) return undefined;
      throw reason;
    }
  }

  async #clean(): Promise<Compacted | undefined> {
    const segments = cleanable(this.#log);
    const dirty = segments.filter(({ nextOffset }) => nextOffset > this.#log.state.cleanedOffset);
    if (!isDue(this.#log, segments, dirty)) return undefined;
    const keys = await this.#keysOf(dirty);
    const old = segments.filter(({ baseOffset }) => baseOffset < keys.endOffset);
    const bytesBefore = sizeOf(old);
    await this.#rewrite(old, keys);
    await this.#log.turns.take(() => mark(this.#log, { cleanedOffset: keys.endOffset }));
    const bytesAfter = sizeOf(this.#log.state.segments.filter(({ baseOffset }) => baseOffset < keys.endOffset));
    const { parts } = this.#log;
    parts.log.info("a log was compacted", { partition: parts.name, endOffset: keys.endOffset, bytesBefore, bytesAfter });
    return { bytesBefore, bytesAfter, endOffset: keys.endOffset };
  }

  async #keysOf(dirty: readonly Segment[]): Promise<CleanKeys> {
    const { state, parts } = this.#log;
    const keys = new CleanKeys(state.cleanedOffset, this.#limits);
    const transactions = new CleanTransactions(abortedOf(state.segments), state.cleanedOffset);
    for (const segment of dirty) {
      const range = { from: 0, to: segment.size, nextOffset: segment.baseOffset, order: "later" } as const;
      await parts.files.use(segment, async (file) => {
        for await (const batch of scan(file, range)) {
          if (keys.isFull) return;
          if (batch.facts.lastOffset >= state.cleanedOffset) keys.add(batch, transactions);
        }
      });
      if (keys.isFull) break;
      keys.endOffset = Math.max(keys.endOffset, segment.nextOffset);
    }
    return keys;
  }

  async #rewrite(old: readonly Segment[], keys: CleanKeys): Promise<void> {
    const { state, parts, turns } = this.#log;
    const config = this.#log.config();
    const filter: FilterOf = {
      keys,
      transactions: new CleanTransactions(abortedOf(state.segments), 0),
      producers: state.producers,
      nowMs: parts.clock.now(),
      deleteRetentionMs: config.deleteRetentionMs,
    };
    for (const group of groupsOf(old, config.segmentBytes)) {
      this.#undone = await cleanGroup(this.#log, group, filter);
      await turns.take(() => this.#finishUndone());
    }
  }

  async #finishUndone(): Promise<void> {
    if (!this.#undone) return;
    await finish(this.#log, this.#undone);
    this.#undone = undefined;
  }
}

const sizeOf = (segments: readonly Segment[]): number => segments.reduce((sum, { size }) => sum + size, 0);
const abortedOf = (segments: readonly Segment[]): AbortedRange[] => segments.flatMap(({ aborted }) => aborted);

/** Those that no longer change, whose transactions have all ended, and that are old enough. */
const cleanable = ({ state, config, parts }: InnerLog): Segment[] => {
  const { compactionLagMsMin: lagMs } = config();
  const young = parts.clock.now() - lagMs;
  const found: Segment[] = [];
  for (const segment of state.segments) {
    const end = state.segmentAfter(segment)?.baseOffset;
    if (end === undefined || end > state.lastStableOffset) break;
    if (lagMs > 0 && segment.maxTimestamp > young) break;
    found.push(segment);
  }
  return found;
};

const isDue = ({ config, parts }: InnerLog, all: readonly Segment[], dirty: readonly Segment[]): boolean => {
  const bytes = sizeOf(dirty);
  const { cleanableDirtyRatioMin, compactionLagMsMax } = config();
  if (bytes === 0) return false;
  if (bytes / sizeOf(all) >= cleanableDirtyRatioMin) return true;
  const since = dirty.find(({ firstTimestamp = -1 }) => firstTimestamp >= 0)?.firstTimestamp;
  return since !== undefined && parts.clock.now() - since > compactionLagMsMax;
};
