// Records that were given and not taken, since they would begin calls that may not begin yet. Where there is no place for another call
// the group's reader rests. Where only their partition is crowded, the reader goes on without that partition. Nothing that runs waits for
// it: every call whose request is still open goes on with a reader of its own from where the group's stopped, and when that lasts, cancels
// are looked for beyond.
import type { Status } from "../../core/status.ts";
import { type Deadline, NO_DEADLINE } from "../../flow/wheel.ts";
import type { ConsumeRequest, StoredRecord } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import { CancelWatch } from "./cancel-watch.ts";
import type { Partition } from "./partition.ts";
import { later, type Shared } from "./shared.ts";
import type { TopicCalls } from "./topic-calls.ts";

/** Records on their way, and how far they have been taken. */
export interface Arrived {
  readonly partition: Partition;
  readonly calls: TopicCalls;
  readonly records: Batch<StoredRecord>;
  at: number;
}

export interface WaitingOptions {
  readonly shared: Shared;
  /** Those that the member has. */
  readonly partitions: () => Iterable<Partition>;
  readonly callsOf: (topic: string) => TopicCalls | undefined;
  readonly say: (request: ConsumeRequest) => void;
  /** The reader has rested and goes on. */
  readonly awake: () => void;
}

export class Waiting {
  readonly #options: WaitingOptions;
  readonly #shared: Shared;
  /** In the order of their arrival. */
  #arrived: Arrived[] = [];
  /** All partitions wait for a place. */
  #rest: Rest | undefined;
  /** Partitions that the reader leaves out. */
  readonly #paused = new Map<Partition, Rest>();
  /** What is to be said and begun when all of the above is as it should be: both may come back here. */
  #sayings: ConsumeRequest[] = [];
  #beginnings: Rest[] = [];
  #resuming = false;
  #again = false;
  #over = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#shared = options.shared;
  }

  /** Nothing more is taken for now. */
  get resting(): boolean {
    return this.#rest !== undefined;
  }

  give(arrived: Arrived): void {
    const { partition } = arrived;
    const behind = this.resting || this.#arrived.some((other) => other.partition === partition);
    if (!behind && this.#take(arrived)) return;
    this.#arrived.push(arrived);
    if (behind) return;
    this.#stop(partition);
    this.#settle();
  }

  /** A call has left, or a partition is crowded no more, or gone. */
  resume(): void {
    this.#again = true;
    if (this.#resuming || this.#over || this.#arrived.length === 0) return;
    this.#resuming = true; // Beginning a call may free a place at once.
    while (this.#again && this.#arrived.length > 0) {
      this.#again = false;
      this.#arrived = this.#notTaken();
    }
    this.#resuming = false;
    this.#goOn();
  }

  close(): void {
    this.#over = true;
    this.#rest?.end();
    for (const rest of this.#paused.values()) rest.end();
    this.#paused.clear();
    this.#arrived = [];
    this.#sayings = [];
    this.#beginnings = [];
  }

  #notTaken(): Arrived[] {
    const waiting = new Set<Partition>();
    const left: Arrived[] = [];
    let placeless = false;
    for (const arrived of this.#arrived) {
      const { partition } = arrived;
      const passed = partition.revoked || !(placeless || waiting.has(partition));
      if (passed && this.#take(arrived)) continue;
      left.push(arrived);
      waiting.add(partition);
      placeless ||= partition.open;
    }
    return left;
  }

  /** False: one of them waits. What is left of a partition that was asked back is passed over. */
  #take(arrived: Arrived): boolean {
    const { partition, calls, records } = arrived;
    let taken = true;
    while (taken && arrived.at < records.length && !partition.revoked) {
      const record = records[arrived.at]!;
      taken = calls.take(record, partition);
      if (!taken) break;
      partition.next = record.offset + 1;
      arrived.at += 1;
    }
    if (taken && !this.resting && !this.#paused.has(partition)) calls.flush();
    else calls.follow();
    return taken;
  }

  #stop(partition: Partition): void {
    const { tally } = this.#shared;
    if (partition.open) {
      if (this.resting) return;
      this.#rest = this.#begin(this.#options.partitions);
      tally.rests.value += 1;
    } else if (!this.#paused.has(partition)) {
      this.#paused.set(
        partition,
        this.#begin(() => [partition]),
      );
      tally.pauses.value += 1;
      this.#say(partition, "pause");
    }
  }

  /** What has nothing left to wait for is read again. */
  #goOn(): void {
    const waiting = new Set(this.#arrived.map(({ partition }) => partition));
    for (const [partition, rest] of this.#paused) {
      if (waiting.has(partition)) continue;
      rest.end();
      this.#paused.delete(partition);
      if (!partition.revoked) this.#say(partition, "resume");
    }
    for (const partition of waiting) this.#stop(partition);
    const rest = this.#rest;
    const awake = rest !== undefined && ![...waiting].some(({ open }) => open);
    if (awake) {
      this.#rest = undefined;
      rest.end();
    }
    this.#settle();
    if (awake && !this.resting && !this.#over) this.#options.awake();
  }

  #say({ topic, partition }: Partition, kind: "pause" | "resume"): void {
    this.#sayings.push({ kind, topic, partition });
  }
  #begin(partitions: () => Iterable<Partition>): Rest {
    const rest = new Rest(this.#options, partitions);
    this.#beginnings.push(rest);
    return rest;
  }
  #settle(): void {
    for (let saying = this.#sayings.shift(); saying !== undefined; saying = this.#sayings.shift()) this.#options.say(saying);
    for (let rest = this.#beginnings.shift(); rest !== undefined; rest = this.#beginnings.shift()) rest.begin();
  }
}

/** While the reader rests in some partitions: their calls read for themselves. */
class Rest {
  readonly #options: WaitingOptions;
  readonly #partitions: () => Iterable<Partition>;
  #watching: Deadline = NO_DEADLINE;
  readonly #watches: CancelWatch[] = [];
  #ended = false;

  constructor(options: WaitingOptions, partitions: () => Iterable<Partition>) {
    this.#options = options;
    this.#partitions = partitions;
  }

  begin(): void {
    if (this.#ended) return;
    const { clock, limits } = this.#options.shared;
    for (const partition of this.#partitions()) for (const call of partition.calls.all()) call.follow();
    if (!this.#ended) this.#watching = later(this.#options.shared, clock.now() + limits.cancelWatchMs, () => this.#watch());
  }

  end(): void {
    this.#ended = true;
    this.#watching.cancel();
    for (const watch of this.#watches.splice(0)) watch.close();
  }

  #watch(): void {
    const { kafka, log, binding } = this.#options.shared;
    for (const partition of this.#partitions()) {
      const calls = this.#options.callsOf(partition.topic);
      if (calls === undefined || partition.calls.size === 0) continue;
      const failed = ({ message }: Status): void => log.warn("cancels cannot be looked for", { binding, why: message });
      const watch = new CancelWatch((record) => calls.cancelledAhead(record), failed);
      this.#watches.push(watch);
      watch.open(kafka, partition);
    }
  }
}
