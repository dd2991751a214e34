// A group of the memory Kafka: its members share the partitions of their topics; what is done is remembered for the next owner.
import type { Status } from "../../src/core/status.ts";
import type { AssignedPartition, ConsumeEvent, ConsumeRequest, ConsumeStart, StoredRecord, TopicPartition } from "../../src/ports/kafka.ts";
import type { Reply, Requests } from "../../src/ports/service.ts";
import { type MemoryHost, noTopic } from "./memory-topic.ts";

/** Small, so that tests meet the limit. */
const RECORDS_MAX = 4;

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** What the group knows of a partition. */
class Place implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly done = new Set<number>();
  committed: number | undefined;
  owner: MemoryMember | undefined;
  /** Not given to anybody by itself: a test has revoked it. */
  kept = false;
  /** Revoked, and not yet released. */
  leaving = false;
  /** Its owner wants no more of it for now. */
  paused = false;
  /** The owner's place in the topic's arrival order. */
  next = 0;

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
  }

  /** The committed offset follows what is done without a gap. */
  finish(offsets: readonly number[], begin: number): void {
    for (const offset of offsets) this.done.add(offset);
    let committed = this.committed ?? begin;
    while (this.done.delete(committed)) committed++;
    if (offsets.length > 0) this.committed = committed;
  }
}

export class MemoryGroup {
  readonly kafka: MemoryHost;
  readonly places = new Map<string, Place>();
  /** What a new member is refused with, if it is. */
  refusal: Status | undefined;
  readonly #members = new Set<MemoryMember>();

  constructor(kafka: MemoryHost) {
    this.kafka = kafka;
  }

  get size(): number {
    return this.#members.size;
  }

  join(topics: readonly string[], reply: Reply<ConsumeEvent, ConsumeStart>): Requests<ConsumeRequest> {
    const member = new MemoryMember(this, topics, reply);
    this.#members.add(member);
    this.rebalance();
    return member;
  }

  leave(member: MemoryMember): void {
    this.#members.delete(member);
    for (const place of this.places.values()) if (place.owner === member) release(place);
    this.rebalance();
  }

  committed(partition: TopicPartition): number | undefined {
    return this.places.get(nameOf(partition))?.committed;
  }

  wake(): void {
    for (const member of this.#members) member.wake();
  }

  /** In a later turn: every partition has the member it should have, or is on its way to it. */
  rebalance(): void {
    setImmediate(() => {
      if (this.kafka.isDown) return;
      for (const member of [...this.#members]) {
        const missing = member.topics.find((topic) => !this.kafka.topic(topic));
        const refusal = missing === undefined ? this.refusal : noTopic(missing);
        if (refusal !== undefined) member.fail(refusal);
      }
      this.#find();
      this.#share();
    });
  }

  /** Ends every membership. */
  fail(status: Status): void {
    for (const member of [...this.#members]) member.fail(status);
  }

  revoke(partitions: readonly TopicPartition[], lost: boolean): void {
    const places = partitions.flatMap((partition) => this.places.get(nameOf(partition)) ?? []);
    for (const place of places) place.kept = true;
    this.#take(places, lost);
  }

  crowd({ topic, partition }: TopicPartition, crowded: boolean): void {
    this.places.get(nameOf({ topic, partition }))?.owner?.event({ kind: "crowded", topic, partition, crowded });
  }

  assign(): void {
    for (const place of this.places.values()) place.kept = false;
    this.rebalance();
  }

  #find(): void {
    for (const topic of new Set([...this.#members].flatMap((member) => member.topics)))
      for (const partition of this.kafka.topic(topic)?.ends.keys() ?? []) {
        const name = nameOf({ topic, partition });
        if (!this.places.has(name)) this.places.set(name, new Place({ topic, partition }));
      }
  }

  #share(): void {
    const moving: Place[] = [];
    const given = new Map<MemoryMember, Place[]>();
    for (const [index, place] of [...this.places.values()].entries()) {
      if (place.kept || place.leaving) continue;
      const wanting = [...this.#members].filter((member) => member.topics.includes(place.topic));
      const owner = wanting[index % Math.max(wanting.length, 1)];
      if (owner === place.owner) continue;
      if (place.owner) moving.push(place);
      else if (owner) given.set(owner, [...(given.get(owner) ?? []), place]);
    }
    this.#take(moving, false);
    for (const [member, places] of given) member.assigned(places);
  }

  #take(places: readonly Place[], lost: boolean): void {
    for (const member of this.#members) {
      const taken = places.filter((place) => place.owner === member && !place.leaving);
      if (taken.length === 0) continue;
      for (const place of taken) {
        if (lost) release(place);
        else place.leaving = true;
      }
      member.event({ kind: "revoked", partitions: taken.map(({ topic, partition }) => ({ topic, partition })), lost });
    }
  }
}

const release = (place: Place): void => {
  place.owner = undefined;
  place.leaving = false;
};

class MemoryMember implements Requests<ConsumeRequest> {
  readonly topics: readonly string[];
  readonly #group: MemoryGroup;
  readonly #reply: Reply<ConsumeEvent, ConsumeStart>;
  #over = false;
  #full = false;
  #scheduled = false;

  constructor(group: MemoryGroup, topics: readonly string[], reply: Reply<ConsumeEvent, ConsumeStart>) {
    this.#group = group;
    this.topics = topics;
    this.#reply = reply;
  }

  write(requests: readonly ConsumeRequest[]): boolean {
    for (const request of requests) {
      if (request.kind === "done") {
        const place = this.#owned(request);
        if (place) place.finish(request.offsets, this.#group.kafka.topic(place.topic)!.begins[place.partition]!);
        continue;
      }
      if (request.kind !== "released") {
        const place = this.#owned(request);
        if (place) place.paused = request.kind === "pause";
        this.wake();
        continue;
      }
      for (const partition of request.partitions) {
        const place = this.#owned(partition);
        if (place?.leaving) release(place);
      }
      this.#group.rebalance();
    }
    return true;
  }
  end(): void {}
  cancel(): void {
    this.#leave();
  }
  ready(): void {
    this.#full = false;
    this.wake();
  }

  /** For the group. */
  fail(status: Status): void {
    if (this.#over) return;
    this.#leave();
    this.#reply.end(status);
  }

  assigned(places: readonly Place[]): void {
    const partitions = places.map((place): AssignedPartition => {
      const { ends, begins } = this.#group.kafka.topic(place.topic)!;
      place.owner = this;
      place.next = 0;
      place.paused = false;
      return {
        topic: place.topic,
        partition: place.partition,
        offset: place.committed ?? begins[place.partition]!,
        end: ends[place.partition]!,
      };
    });
    this.event({ kind: "assigned", partitions });
    this.wake();
  }

  event(event: ConsumeEvent): void {
    if (this.#over) return;
    const was = this.#full;
    this.#full = true; // Before the call, so that a ready() from inside it is not lost.
    if (this.#reply.write([event]) && !was) this.#full = false;
  }

  wake(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#group.kafka.isDown) return;
      for (const place of this.#group.places.values()) if (place.owner === this && !place.leaving) this.#read(place);
    });
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#group.leave(this);
  }

  #owned(partition: TopicPartition): Place | undefined {
    const place = this.#group.places.get(nameOf(partition));
    return place?.owner === this ? place : undefined;
  }

  #read(place: Place): void {
    const { records, begins } = this.#group.kafka.topic(place.topic)!;
    const from = place.committed ?? begins[place.partition]!;
    while (!this.#full && !this.#over && !place.paused && place.owner === this && place.next < records.length) {
      const batch: StoredRecord[] = [];
      while (place.next < records.length && batch.length < RECORDS_MAX) {
        const record = records[place.next++]!;
        if (record.partition !== place.partition || place.done.has(record.offset)) continue;
        if (record.offset >= Math.max(from, begins[place.partition]!)) batch.push(record);
      }
      if (batch.length > 0) this.event({ kind: "records", topic: place.topic, partition: place.partition, records: batch });
    }
  }
}
