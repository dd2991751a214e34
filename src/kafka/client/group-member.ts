// One `consume`: a member of a group that gives its caller what it is assigned, takes back what is done, and commits it.
import { type Status, StatusError } from "../../core/status.ts";
import type { AssignedPartition, ConsumeEvent, ConsumeQuery, ConsumeRequest, ConsumeStart, TopicPartition } from "../../ports/kafka.ts";
import type { Batch, Reply, Requests } from "../../ports/service.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { assignedPartitions } from "./assigned-partitions.ts";
import { Committer } from "./committer.ts";
import { ConsumerMembership } from "./consumer-membership.ts";
import type { ClientContext } from "./context.ts";
import { Coordinator } from "./coordinator.ts";
import type { FetchPosition } from "./fetch-position.ts";
import { FetchSet, type FetchSink } from "./fetch-set.ts";
import { type GroupCalls, type GroupProtocol, libraryCalls } from "./group-calls.ts";
import { Ended, Life } from "./life.ts";
import { MemberEvents } from "./member-events.ts";
import { Membership } from "./membership.ts";
import { OwnedPartition, partitionName } from "./owned-partition.ts";

/** So long a caller may take to let revoked partitions go; then they are let go for it. */
export const RELEASE_MS = 7_000;
/** Leaving a group is not waited for any longer. */
const LEAVE_MS = 2_000;

const OUT_OF_RANGE = 11;

export interface MemberOptions {
  readonly reply: Reply<ConsumeEvent, ConsumeStart>;
  /** The group has been left. */
  left(): void;
  /** `classic` when absent. */
  readonly protocol?: GroupProtocol;
  /** For tests; the library's else. */
  readonly calls?: GroupCalls;
}

export class GroupMember implements Requests<ConsumeRequest>, FetchSink {
  readonly #context: ClientContext;
  readonly #query: ConsumeQuery;
  readonly #reply: Reply<ConsumeEvent, ConsumeStart>;
  readonly #left: () => void;
  readonly #calls: GroupCalls;
  /** While it is a member. */
  readonly #life: Life;
  /** Until the last commit is made and the group is left. */
  readonly #after: Life;
  readonly #coordinator: Coordinator;
  readonly #membership: Membership | ConsumerMembership;
  readonly #committer: Committer;
  readonly #set: FetchSet;
  readonly #events: MemberEvents;
  readonly #partitions = new Map<string, OwnedPartition>();
  #leaving: Promise<void> | undefined;

  constructor(context: ClientContext, query: ConsumeQuery, { reply, left, protocol = "classic", calls = libraryCalls }: MemberOptions) {
    const { group, topics } = query;
    this.#context = context;
    this.#query = query;
    this.#reply = reply;
    this.#left = left;
    this.#calls = calls;
    this.#life = new Life(context.clock);
    this.#after = new Life(context.clock);
    this.#coordinator = new Coordinator(context, this.#after, { group, calls });
    const coordinator = this.#coordinator;
    const MembershipOf = protocol === "consumer" ? ConsumerMembership : Membership;
    this.#membership = new MembershipOf({
      ...{ context, calls, coordinator, group, topics, life: this.#life },
      assigned: (partitions) => this.#assigned(partitions),
      revoked: (partitions) => this.#revoked(partitions),
      lost: (partitions) => this.#lost(partitions),
      failed: (status) => this.#fail(status),
    });
    this.#committer = new Committer({
      ...{ context, calls, coordinator, group, membership: this.#membership, life: this.#after },
      measured: (partition, share) => this.#measured(partition, share),
    });
    this.#set = new FetchSet({ context, isolation: "read_committed", sink: this });
    this.#events = new MemberEvents(reply, { pause: () => this.#set.pause(), resume: () => this.#set.resume() });
  }

  /** Touches the reply from later turns only. */
  start(): this {
    this.#begin().catch((reason) => {
      if (!(reason instanceof Ended)) this.#fail(StatusError.from(reason).status);
    });
    return this;
  }

  get open(): boolean {
    return !this.#life.over;
  }

  write(requests: Batch<ConsumeRequest>): boolean {
    for (const request of requests) {
      if (request.kind === "done") this.#done(request, request.offsets);
      else if (request.kind !== "released") this.#flow(request, request.kind);
      else for (const partition of request.partitions) this.#partitions.get(partitionName(partition))?.release();
    }
    return true;
  }
  /** The half-close: nothing more will be done, and reading goes on. */
  end(): void {}
  cancel(): void {
    this.#leave();
  }
  ready(): void {
    this.#events.ready();
  }

  /** For the client that closes: resolves when the group has been left. */
  stop(status: Status): Promise<void> {
    this.#fail(status);
    return this.#leaving ?? Promise.resolve();
  }

  fetched(position: FetchPosition, records: readonly BatchRecord[], next: number): void {
    const partition = this.#partitions.get(partitionName(position));
    if (partition?.state !== "reading") return;
    const before = partition.offsets.committed;
    const wanted: BatchRecord[] = [];
    for (const record of records) {
      if (partition.offsets.isSkipped(record.offset)) continue;
      partition.offsets.delivered(record.offset);
      wanted.push(record);
    }
    partition.offsets.passed(next);
    if (partition.offsets.committed !== before) this.#committer.changed(partition);
    if (wanted.length > 0) this.#events.records(partition, wanted);
  }

  failed(position: FetchPosition, status: Status): void {
    const partition = this.#partitions.get(partitionName(position));
    if (partition === undefined) return;
    const { report } = this.#context;
    report.warn(`group '${this.#query.group}' cannot read on in ${position.subject}`, { reason: status.message });
    if (status.code === OUT_OF_RANGE) this.#restart(partition);
    else this.#fail(status);
  }

  async #begin(): Promise<void> {
    for (const topic of this.#query.topics) await this.#life.until(this.#context.metadata.resolve(topic));
    await this.#membership.run();
  }

  #done(of: TopicPartition, offsets: readonly number[]): void {
    const partition = this.#partitions.get(partitionName(of));
    if (partition === undefined) return;
    const { forgotten } = partition.offsets;
    if (partition.offsets.done(offsets)) this.#committer.changed(partition);
    if (partition.offsets.forgotten > forgotten)
      this.#context.report.counter("sluice.kafka.commit.forgotten").value += partition.offsets.forgotten - forgotten;
  }

  #flow(of: TopicPartition, kind: "pause" | "resume"): void {
    const partition = this.#partitions.get(partitionName(of));
    if (partition === undefined) return;
    partition.paused = kind === "pause";
    if (partition.paused) this.#set.pausePartition(of.topic, of.partition);
    else this.#set.resumePartition(of.topic, of.partition);
    this.#events.flowChanged();
  }

  #measured(of: TopicPartition, share: number): void {
    const owned = this.#partitions.get(partitionName(of));
    if (owned?.state !== "reading" || !owned.measured(share)) return;
    const { topic, partition, crowded } = owned;
    if (crowded) this.#context.report.counter("sluice.kafka.commit.crowded").value += 1;
    this.#events.control({ kind: "crowded", topic, partition, crowded });
  }

  #assigned(partitions: readonly TopicPartition[]): void {
    const made = partitions.map((partition) => new OwnedPartition(partition));
    for (const partition of made) this.#partitions.set(partitionName(partition), partition);
    this.#read(made).catch((reason) => {
      if (!(reason instanceof Ended)) this.#fail(StatusError.from(reason).status);
    });
  }

  /** Finds where to begin, says so, and reads. Those that are gone by then are left out. */
  async #read(partitions: readonly OwnedPartition[]): Promise<void> {
    const found = await assignedPartitions(this.#context, this.#life, {
      membership: this.#membership,
      coordinator: this.#coordinator,
      calls: this.#calls,
      partitions,
    });
    if (this.#life.over) return;
    const begun = found.filter(
      ({ partition }) => this.#partitions.get(partitionName(partition)) === partition && partition.state === "new",
    );
    if (begun.length === 0) return;
    for (const { partition, offsets } of begun) partition.begin(offsets);
    const assigned = begun.map(
      ({ partition: { topic, partition }, offset, end }): AssignedPartition => ({ topic, partition, offset, end }),
    );
    this.#events.control({ kind: "assigned", partitions: assigned });
    for (const { partition, offset, topic } of begun) {
      if (!this.#life.over && partition.state === "reading") this.#set.add(topic, partition.partition, offset);
    }
  }

  /** Kafka does not have what comes next. What was begun stays begun where offsets go on; where the topic is another one, nothing does. */
  #restart(partition: OwnedPartition): void {
    this.#drop(partition);
    this.#events.control({ kind: "revoked", partitions: [plain(partition)], lost: true });
    this.#assigned([plain(partition)]);
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    const owned = partitions.flatMap((partition) => this.#partitions.get(partitionName(partition)) ?? []);
    const told = owned.filter(({ state }) => state === "reading");
    for (const partition of owned) {
      this.#stopReading(partition);
      partition.state = "leaving";
    }
    if (told.length > 0) {
      const released = Promise.all(told.map((partition) => partition.released));
      this.#events.control({ kind: "revoked", partitions: told.map(plain), lost: false });
      await this.#within(released);
      await this.#committer.flush(told);
    }
    for (const partition of owned) this.#drop(partition);
  }

  /** Waits for the caller to let go, but not for ever. */
  async #within(released: Promise<unknown>): Promise<void> {
    await this.#life.wait(RELEASE_MS, (wake) => {
      released.then(wake, wake);
    });
  }

  #lost(partitions: readonly TopicPartition[]): void {
    const owned = partitions.flatMap((partition) => this.#partitions.get(partitionName(partition)) ?? []);
    const told = owned.filter(({ state }) => state !== "new");
    for (const partition of owned) this.#drop(partition);
    if (told.length > 0 && !this.#life.over) this.#events.control({ kind: "revoked", partitions: told.map(plain), lost: true });
  }

  #stopReading(partition: OwnedPartition): void {
    this.#set.remove(partition.topic, partition.partition);
    this.#events.drop(partition);
  }

  /** It is not ours any more; or it is again already, by a later assignment, and that goes on. */
  #drop(partition: OwnedPartition): void {
    partition.state = "gone";
    partition.release();
    this.#events.drop(partition);
    this.#committer.forget(partition);
    if (this.#partitions.get(partitionName(partition)) !== partition) return;
    this.#stopReading(partition);
    this.#partitions.delete(partitionName(partition));
  }

  #fail(status: Status): void {
    if (this.#life.over) return;
    this.#leave();
    this.#reply.end(status);
  }

  #leave(): void {
    if (this.#life.over) return;
    this.#life.end();
    this.#events.close();
    this.#set.close();
    this.#leaving = this.#goodbye()
      .catch((reason) => {
        this.#context.report.log.debug("a group could not be left in good order", { group: this.#query.group, reason: String(reason) });
      })
      .finally(() => {
        this.#after.end();
        this.#coordinator.close();
        this.#left();
      });
  }

  /** Commits what is done, and says that it goes. */
  async #goodbye(): Promise<void> {
    await this.#committer.flush([...this.#partitions.values()]);
    const left = this.#membership.leave();
    await this.#after.wait(LEAVE_MS, (wake) => {
      left.then(wake, wake);
    });
  }
}

const plain = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition });
