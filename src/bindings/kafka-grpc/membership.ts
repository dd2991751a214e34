// One membership of the group, from joining to leaving: gives the records of its partitions to the calls of their topics, in their order,
// and says which of them are done. Records that would begin calls before they may wait beside it (waiting.ts).
import { CANCELLED, type Status, StatusError } from "../../core/status.ts";
import { enter } from "../../flow/enter.ts";
import { Inlet, type InletEdge } from "../../flow/inlet.ts";
import type { Deadline } from "../../flow/wheel.ts";
import type { AssignedPartition, ConsumeEvent, ConsumeQuery, ConsumeRequest, ConsumeStart, TopicPartition } from "../../ports/kafka.ts";
import type { Batch, Reply } from "../../ports/service.ts";
import { Partition } from "./partition.ts";
import type { Places } from "./places.ts";
import { later, type Shared } from "./shared.ts";
import type { TopicCalls } from "./topic-calls.ts";
import { Waiting } from "./waiting.ts";

export interface MembershipOptions {
  readonly shared: Shared;
  readonly query: ConsumeQuery;
  readonly topics: ReadonlyMap<string, TopicCalls>;
  readonly places: Places;
  /** Partitions were assigned: the group has taken it. */
  readonly joined: () => void;
  /** It ended by itself; nothing of it is left. */
  readonly ended: (status: Status) => void;
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export class Membership implements Reply<ConsumeEvent, ConsumeStart>, InletEdge {
  readonly #options: MembershipOptions;
  readonly #shared: Shared;
  readonly #inlet: Inlet<ConsumeRequest>;
  readonly #partitions = new Map<string, Partition>();
  readonly #leaving = new Map<Partition, Deadline>();
  readonly #changed = new Set<Partition>();
  #flushing = false;
  readonly #waiting: Waiting;
  #over = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#shared = options.shared;
    this.#inlet = new Inlet(this);
    this.#waiting = new Waiting({
      shared: options.shared,
      partitions: () => this.#partitions.values(),
      callsOf: (topic) => options.topics.get(topic),
      say: (request) => this.#inlet.write([request]),
      awake: () => this.#inlet.repliesReady(),
    });
  }

  join(): void {
    try {
      this.#inlet.open(this.#shared.kafka.consume(this.#options.query, this));
    } catch (reason) {
      this.end(StatusError.from(reason).status);
    }
  }

  /** Commits what is done and leaves. Calls that still run are ended without an answer. */
  leave(): void {
    if (this.#over) return;
    this.#abandon();
    this.#flush();
    this.#close();
    this.#inlet.cancel(CANCELLED);
  }

  /** Calls that still run are left to the next owners of their partitions. */
  #abandon(): void {
    for (const partition of [...this.#partitions.values(), ...this.#leaving.keys()])
      for (const call of partition.calls.all()) call.abandon();
  }

  /** A call has left its place. */
  freed(): void {
    for (const partition of this.#leaving.keys()) if (partition.calls.size === 0) this.#release(partition);
    this.#waiting.resume();
  }

  // What the group says.
  headers(): void {}
  write(batch: Batch<ConsumeEvent>): boolean {
    for (const event of batch) {
      if (this.#over) return false;
      if (event.kind === "assigned") this.#assigned(event.partitions);
      else if (event.kind === "revoked") this.#revoked(event);
      else if (event.kind === "crowded") this.#crowded(event);
      else this.#records(event);
    }
    return !this.#waiting.resting;
  }
  end(status: Status): void {
    if (this.#over) return;
    const partitions = [...this.#partitions.values()];
    this.#close();
    this.#inlet.close();
    for (const partition of partitions) partition.lose();
    this.#options.ended(status);
  }
  ready(): void {
    this.#inlet.ready();
  }

  // What the inlet says: the requests are few, so what is held there needs no limit.
  pause(): void {}
  resume(): void {}
  failed(error: StatusError): void {
    this.end(error.status);
  }

  #assigned(assigned: readonly AssignedPartition[]): void {
    const { rememberedMax } = this.#shared.limits;
    const changed = (partition: Partition): void => this.#flushSoon(partition);
    for (const each of assigned) this.#partitions.set(nameOf(each), new Partition(each, { changed, rememberedMax }));
    this.#options.joined();
  }

  #crowded({ topic, partition: number, crowded }: Extract<ConsumeEvent, { kind: "crowded" }>): void {
    const partition = this.#partitions.get(nameOf({ topic, partition: number }));
    if (partition === undefined) return;
    partition.crowded = crowded;
    if (crowded) this.#shared.tally.crowded.value += 1;
    else this.#waiting.resume();
  }

  #revoked({ partitions: revoked, lost }: Extract<ConsumeEvent, { kind: "revoked" }>): void {
    const partitions = revoked.flatMap((each) => this.#partitions.get(nameOf(each)) ?? []);
    for (const partition of partitions) partition.revoked = true;
    for (const partition of partitions) {
      if (lost) this.#lose(partition);
      else this.#letGo(partition);
    }
    this.#waiting.resume(); // What waits of them is passed over.
  }

  /** Maybe while it was being let go: then it is too late to release it. */
  #lose(partition: Partition): void {
    this.#forget(partition);
    partition.lose();
  }

  #forget(partition: Partition): void {
    this.#leaving.get(partition)?.cancel();
    this.#leaving.delete(partition);
    this.#partitions.delete(nameOf(partition));
  }

  /** Running calls get some time; what is still to come of their requests they read themselves. */
  #letGo(partition: Partition): void {
    const { clock, limits } = this.#shared;
    const grace = later(this.#shared, clock.now() + limits.revokeGraceMs, () => {
      for (const call of partition.calls.all()) call.abandon();
      this.freed();
    });
    this.#leaving.set(partition, grace);
    for (const call of partition.calls.all()) call.follow();
    if (partition.calls.size === 0) this.#release(partition);
  }

  #release(partition: Partition): void {
    if (!this.#leaving.has(partition)) return;
    this.#forget(partition);
    this.#flush();
    const { topic } = partition;
    this.#inlet.write([{ kind: "released", partitions: [{ topic, partition: partition.partition }] }]);
  }

  #records({ topic, partition: number, records }: Extract<ConsumeEvent, { kind: "records" }>): void {
    const partition = this.#partitions.get(nameOf({ topic, partition: number }));
    const calls = this.#options.topics.get(topic);
    if (partition === undefined || partition.revoked || calls === undefined) return;
    this.#waiting.give({ partition, calls, records, at: 0 });
  }

  /** What becomes done in one turn is said in one request. */
  #flushSoon(partition: Partition): void {
    this.#changed.add(partition);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      enter(
        () => {
          this.#flushing = false;
          this.#flush();
        },
        (error) =>
          this.#shared.log.error("offsets could not be given to the group", { binding: this.#shared.binding }, error.cause ?? error),
      );
    });
  }
  #flush(): void {
    if (this.#over) return;
    for (const partition of this.#changed) {
      const offsets = partition.takeDone();
      if (offsets.length > 0) this.#inlet.write([{ kind: "done", topic: partition.topic, partition: partition.partition, offsets }]);
    }
    this.#changed.clear();
  }

  #close(): void {
    this.#over = true;
    this.#waiting.close();
    for (const grace of this.#leaving.values()) grace.cancel();
    this.#leaving.clear();
    this.#partitions.clear();
  }
}
