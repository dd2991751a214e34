// Sends what is done as commits: what changed within a while goes together, one request at a time, tried again until it is taken or the
// partition is somebody else's.
import type { TopicPartition } from "../../ports/kafka.ts";
import { ErrorCode, kafkaError, kafkaStatus } from "../wire/errors.ts";
import { backoffMs } from "./backoff.ts";
import { COMMIT_METADATA_BYTES_MAX, encodeDone } from "./commit-metadata.ts";
import type { ClientContext } from "./context.ts";
import type { Coordinator } from "./coordinator.ts";
import type { CommitOf, GroupCalls } from "./group-calls.ts";
import { isElsewhere, isStale } from "./group-errors.ts";
import { Ended, type Life } from "./life.ts";
import type { Membership } from "./membership.ts";
import type { PartitionOffsets } from "./partition-offsets.ts";

/** What becomes done within so long is committed together. */
export const COMMIT_MS = 100;
/** A commit for those who wait for it is given up after so long. */
export const FLUSH_MS = 5_000;

const { OFFSET_METADATA_TOO_LARGE } = ErrorCode;

export interface CommitterOptions {
  readonly context: ClientContext;
  readonly calls: Pick<GroupCalls, "commit">;
  readonly group: string;
  readonly membership: Pick<Membership, "identity" | "check">;
  readonly coordinator: Pick<Coordinator, "link" | "moved">;
  /** How much of the room in a commit's metadata the partition takes, 0 to 1: told with every commit. */
  measured(partition: Committable, share: number): void;
  /** Ends when the last commit has been made. */
  readonly life: Life;
}

/** A partition whose offsets are to be committed. */
export interface Committable extends TopicPartition {
  readonly offsets: PartitionOffsets;
}

interface Waiting {
  readonly partitions: readonly Committable[];
  wake(): void;
}

export class Committer {
  readonly #options: CommitterOptions;
  readonly #dirty = new Set<Committable>();
  readonly #inFlight = new Set<Committable>();
  readonly #waiting = new Set<Waiting>();
  #metadataBytesMax = COMMIT_METADATA_BYTES_MAX;
  #running = false;
  #hurry: (() => void) | undefined;
  #failures = 0;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  changed(partition: Committable): void {
    this.#dirty.add(partition);
    if (this.#running) return;
    this.#running = true;
    this.#run().catch((reason) => {
      this.#running = false;
      if (!(reason instanceof Ended)) this.#options.context.report.error("a fault in what commits offsets", reason);
    });
  }

  /** It is not ours any more: nothing is written for it, nor written again when a commit on its way turns out to be refused. */
  forget(partition: Committable): void {
    const [waits, flies] = [this.#dirty.delete(partition), this.#inFlight.delete(partition)];
    if (waits || flies) this.#options.context.report.counter("sluice.kafka.commit.lost").value += 1;
    this.#tell();
  }

  /** Resolves when those are committed, or could not be within FLUSH_MS. */
  async flush(partitions: readonly Committable[]): Promise<void> {
    if (this.#isClean(partitions)) return;
    const waiting = { partitions, wake: () => {} };
    this.#waiting.add(waiting);
    this.#hurry?.();
    await this.#options.life.wait(FLUSH_MS, (wake) => {
      waiting.wake = wake;
    });
    this.#waiting.delete(waiting);
  }

  #isClean(partitions: readonly Committable[]): boolean {
    return !partitions.some((partition) => this.#dirty.has(partition) || this.#inFlight.has(partition));
  }

  #tell(): void {
    for (const { partitions, wake } of [...this.#waiting]) if (this.#isClean(partitions)) wake();
  }

  async #run(): Promise<void> {
    while (this.#dirty.size > 0) {
      const hurried = this.#waiting.size > 0 && this.#failures === 0;
      if (!hurried) {
        await this.#options.life.wait(this.#failures > 0 ? backoffMs(this.#failures) : COMMIT_MS, (wake) => {
          this.#hurry = wake;
        });
        this.#hurry = undefined;
      }
      await this.#commit();
      this.#tell();
    }
    this.#running = false;
  }

  async #commit(): Promise<void> {
    for (const partition of this.#dirty) this.#inFlight.add(partition);
    this.#dirty.clear();
    const { calls, membership, coordinator, context } = this.#options;
    try {
      const link = await coordinator.link();
      if (this.#inFlight.size === 0) return;
      context.report.counter("sluice.kafka.commit.requests").value += 1;
      const offsets = [...this.#inFlight].map((partition) => this.#offsetOf(partition));
      const answers = await calls.commit(link, membership.identity, offsets);
      const again = [...this.#inFlight].filter((partition) => this.#refused(partition, errorOf(answers, partition)));
      this.#failures = again.length === 0 ? 0 : this.#failures + 1;
      for (const partition of again) this.#dirty.add(partition);
    } catch {
      this.#failures += 1;
      for (const partition of this.#inFlight) this.#dirty.add(partition);
      coordinator.moved();
    } finally {
      this.#inFlight.clear();
    }
  }

  #offsetOf(of: Committable): CommitOf {
    const { topic, partition, offsets } = of;
    const offset = offsets.committed;
    const beyond = offsets.doneBeyond();
    const { text, ranges, share } = encodeDone(offset, beyond, this.#metadataBytesMax);
    if (ranges < beyond.length) this.#options.context.report.counter("sluice.kafka.commit.cut").value += 1;
    this.#options.measured(of, share);
    return { topic, partition, offset, metadata: text };
  }

  /** Whether it is to be committed again. */
  #refused(partition: Committable, error: number): boolean {
    if (error === 0) return false;
    const { membership, coordinator, context, group } = this.#options;
    if (error === OFFSET_METADATA_TOO_LARGE && this.#metadataBytesMax > 0) {
      this.#metadataBytesMax = this.#metadataBytesMax > 64 ? this.#metadataBytesMax >> 1 : 0;
      return true;
    }
    if (isElsewhere(error)) coordinator.moved();
    if (isStale(error)) {
      membership.check(); // The partition may be another's: then it is forgotten.
      return true;
    }
    if (kafkaError(error).retriable) return true;
    const subject = `commit of group '${group}' for topic '${partition.topic}' partition ${partition.partition}`;
    context.report.trouble("offset.commit.failed", kafkaStatus(error, subject).message);
    return false;
  }
}

const errorOf = (answers: readonly (TopicPartition & { readonly error: number })[], { topic, partition }: TopicPartition): number =>
  answers.find((answer) => answer.topic === topic && answer.partition === partition)?.error ?? -1;
