// One incremental fetch session (KIP-227): the partitions that a client asks for again and again, and what it was last told of each, so
// that only what is new is told.
import { type Fetched, type FetchTarget, keyOf, type TopicKey } from "./targets.ts";

const EPOCH_MAX = 0x7fffffff;

interface Remembered {
  readonly target: FetchTarget;
  readonly highWatermark: number;
  readonly startOffset: number;
}

/** Partitions that are asked for no longer. */
export interface Forgotten extends TopicKey {
  readonly partitions: readonly number[];
}

const NOTHING_TOLD = -1;

export class FetchSession {
  readonly id: number;
  /** Whether topics are named by id; that may not change while it lasts. */
  readonly usesIds: boolean;
  readonly createdMs: number;
  usedMs: number;
  /** Of the request that is to come. */
  epoch = 1;
  #partitions = new Map<string, Remembered>();

  constructor(of: { readonly id: number; readonly usesIds: boolean; readonly nowMs: number; readonly targets: readonly FetchTarget[] }) {
    this.id = of.id;
    this.usesIds = of.usesIds;
    this.createdMs = of.nowMs;
    this.usedMs = of.nowMs;
    for (const target of of.targets) this.#remember(target);
  }

  get size(): number {
    return this.#partitions.size;
  }

  /** All it asks for: those that had records last are last. */
  get targets(): readonly FetchTarget[] {
    return [...this.#partitions.values()].map(({ target }) => target);
  }

  /** What a further request says of it. */
  update(targets: readonly FetchTarget[], forgotten: readonly Forgotten[]): void {
    for (const target of targets) this.#remember(target);
    for (const topic of forgotten) for (const partition of topic.partitions) this.#partitions.delete(keyOf(topic, partition));
    this.epoch = this.epoch === EPOCH_MAX ? 1 : this.epoch + 1;
  }

  /** Of what was fetched, what the client does not know yet; it is taken to know it from then on. */
  told(all: readonly Fetched[]): readonly Fetched[] {
    return all.filter((fetched) => this.#tell(fetched));
  }

  #remember(target: FetchTarget): void {
    const key = keyOf(target, target.partition);
    const known = this.#partitions.get(key);
    const { highWatermark = NOTHING_TOLD, startOffset = NOTHING_TOLD } = known ?? {};
    this.#partitions.set(key, { target, highWatermark, startOffset });
  }

  #tell({ target, answer, bytes }: Fetched): boolean {
    const key = keyOf(target, target.partition);
    const known = this.#partitions.get(key);
    if (!known) return true;
    const failed = answer.errorCode !== 0;
    const isNew = failed || bytes > 0 || known.highWatermark !== answer.highWatermark || known.startOffset !== answer.logStartOffset;
    if (!isNew) return false;
    if (bytes > 0) this.#partitions.delete(key); // Others go first the next time.
    const highWatermark = failed ? NOTHING_TOLD : answer.highWatermark;
    this.#partitions.set(key, { target: known.target, highWatermark, startOffset: answer.logStartOffset });
    return true;
  }
}
