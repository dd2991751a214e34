// Two brokers that are asked the same, and must answer the same: what may differ (ids, messages for people) is made equal first.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { concat, EMPTY } from "../../../src/core/bytes.ts";
import type { Api } from "../../../src/kafka/wire/api/api.ts";
import { decodeBatches } from "../../../src/kafka/wire/decode-batch.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { CLOSED, RawKafka } from "../raw-kafka.ts";

/** Which of the two. */
export type Side = 0 | 1;
const SIDES = [0, 1] as const;

/** Not yet: asked again. */
const LATER: readonly number[] = [
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
];
/** Records are older than this, markers newer. */
const RECENT_MS = 300_000;
const TRIES = 250;
const PAUSE_MS = 20;

/** What is asked: the request may differ by side in the ids that the sides gave. */
export interface Question<Request, Response> {
  readonly api: Api<Request, Response>;
  readonly version: number;
  readonly request: (side: Side) => Request;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Names of fields whose values are each broker's own. */
const OWN: readonly string[] = [
  "throttleTimeMs",
  "errorMessage",
  "batchIndexErrorMessage",
  "topicId",
  "host",
  "port",
  "clusterId",
  "leaderId",
  "nodeId",
  "controllerId",
  "lastTimestamp",
];

/** Names of fields whose values each broker makes up, but uses again. */
const NAMES: readonly string[] = ["memberId", "leader", "sessionId"];

/** Lists whose order means nothing, or follows from ids. */
const UNORDERED: readonly string[] = [
  "activeProducers",
  "topicPartitions",
  "partitions",
  "subscribedTopicNames",
  "resources",
  "acls",
  "matchingAcls",
];

export class Twins {
  readonly #sides: readonly [RawKafka, RawKafka];
  /** Producer ids in the order in which each side gave them. */
  readonly #producers: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  /** Ids of members, fetch sessions and the like, in that order too. */
  readonly #names: readonly [Map<unknown, number>, Map<unknown, number>] = [new Map(), new Map()];

  static async open(bootstraps: readonly [string, string]): Promise<Twins> {
    return new Twins([await RawKafka.open(bootstraps[0]), await RawKafka.open(bootstraps[1])]);
  }

  private constructor(sides: readonly [RawKafka, RawKafka]) {
    this.#sides = sides;
  }

  close(): void {
    for (const side of this.#sides) side.close();
  }

  /** Both answers, which are the same but for what is each broker's own. */
  async ask<Request, Response>(question: Question<Request, Response>, what: string): Promise<readonly [Response, Response]> {
    const [first, second] = [await this.#answer(question, 0), await this.#answer(question, 1)];
    const [expected, found] = [this.#plain(first, 0), this.#plain(second, 1)];
    assert.deepEqual(found, expected, `${question.api.name} version ${question.version}: ${what}`);
    return [first, second];
  }

  /** Both answers, whatever they are. */
  async each<Request, Response>(question: Question<Request, Response>): Promise<readonly [Response, Response]> {
    return [await this.#answer(question, 0), await this.#answer(question, 1)];
  }

  /** The same, asked until both answer what is waited for. */
  async until<Request, Response>(question: Question<Request, Response>, reached: (response: Response) => boolean): Promise<void> {
    for (const side of SIDES) {
      for (let left = TRIES; ; left--) {
        if (reached(await this.#answer(question, side))) break;
        assert.ok(left > 0, `${question.api.name}: what is waited for does not come on side ${side}`);
        await delay(PAUSE_MS);
      }
    }
  }

  async #answer<Request, Response>({ api, version, request }: Question<Request, Response>, side: Side): Promise<Response> {
    for (let left = TRIES; ; left--) {
      const response = await this.#sides[side].ask(api, version, request(side));
      assert.notEqual(response, CLOSED, `${api.name} version ${version}: side ${side} closed the connection`);
      if (left === 0 || !isLater(response)) return response as Response; // Not closed, by the assertion.
      await delay(PAUSE_MS);
    }
  }

  #plain(value: unknown, side: Side): Json {
    if (value instanceof Uint8Array) return this.#records([value], side);
    if (Array.isArray(value)) {
      if (value.length > 0 && value.every((item) => item instanceof Uint8Array)) return this.#records(value, side);
      return value.map((item) => this.#plain(item, side));
    }
    if (typeof value !== "object" || value === null) return value as Json; // What the wire's tables read.
    if ("acquiredRecords" in value) return this.#acquired(value as Shared, side); // That field is of them alone.
    const fields = Object.entries("abortedTransactions" in value ? withinRecords(value as Fetched) : value).map(
      ([name, of]) => [name, this.#field(name, of, side)] as const,
    );
    return Object.fromEntries(fields);
  }

  /** Of what is sent with them, only what was acquired counts. */
  #acquired({ records, acquiredRecords, ...more }: Shared, side: Side): Json {
    const { batches } = decodeBatches(concat([...records, EMPTY]), { topic: "t", partition: 0 });
    const all = batches.flatMap((batch) => (batch.kind === "corrupt" ? [] : batch.records));
    const isAcquired = (offset: number): boolean => acquiredRecords.some((of) => of.firstOffset <= offset && offset <= of.lastOffset);
    const given = all
      .filter(({ offset }) => isAcquired(offset))
      .map(({ offset, value }) => [offset, value && Buffer.from(value).toString()]);
    return { partition: this.#plain(more, side), acquired: joined(acquiredRecords), given };
  }

  #field(name: string, value: unknown, side: Side): Json {
    if (OWN.includes(name)) return "own";
    if (name === "timestamp" && typeof value === "number" && value > Date.now() - RECENT_MS) return "the time of a marker";
    if (name === "producerId" && typeof value === "number") return this.#producer(value, side);
    if (name === "records" && Array.isArray(value) && value.length === 0) return null;
    if (name === "responses") return sorted(this.#plain(partitionsOf(value as readonly ByTopic[]), side)); // As all tables have it.
    if (NAMES.includes(name) && value !== "" && value !== 0) return `${name} ${orderOf(this.#names[side], value)}`;
    if (UNORDERED.includes(name)) return sorted(this.#plain(value, side));
    return this.#plain(value, side);
  }

  #producer(id: number, side: Side): Json {
    if (id < 0) return id;
    return `producer ${orderOf(this.#producers[side], id)}`;
  }

  /** Whole batches, as what a reader sees of them. */
  #records(pieces: readonly Uint8Array[], side: Side): Json {
    const { batches } = decodeBatches(concat(pieces), { topic: "t", partition: 0 });
    return batches.map((batch): Json => {
      if (batch.kind === "corrupt") return { corrupt: batch.reason };
      return {
        marker: batch.marker ?? null,
        producer: this.#producer(batch.producerId, side),
        epoch: batch.producerEpoch,
        records: batch.records.map(({ offset, key, value }) => [
          offset,
          key && Buffer.from(key).toString(),
          value && Buffer.from(value).toString(),
        ]),
      };
    });
  }
}

/** Which of all it is, by when it was first seen. */
const orderOf = <T>(known: Map<T, number>, one: T): number => {
  const order = known.get(one) ?? known.size;
  known.set(one, order);
  return order;
};

/** What a fetch tells of a partition. */
interface Fetched {
  readonly abortedTransactions: readonly { readonly firstOffset: number }[] | null;
  readonly records: readonly Uint8Array[];
}

/** Apache Kafka also tells of aborted transactions that begin after what it gives. */
const withinRecords = (fetched: Fetched): Fetched => {
  const last = decodeBatches(concat([...fetched.records, EMPTY]), { topic: "t", partition: 0 }).batches.at(-1);
  const end = last?.kind === "batch" ? last.lastOffset : -1;
  return { ...fetched, abortedTransactions: fetched.abortedTransactions?.filter(({ firstOffset }) => firstOffset <= end) ?? null };
};

/** What responses tell by topic. */
interface ByTopic {
  readonly partitions?: readonly unknown[];
}

/** One by one: how they are put together means nothing. */
const partitionsOf = (topics: readonly ByTopic[]): readonly unknown[] =>
  topics.flatMap(({ partitions, ...topic }) => partitions?.map((partition) => ({ ...topic, partition })) ?? [topic]);

interface AcquiredRecords {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

/** What a share fetch tells of a partition. */
interface Shared {
  readonly records: readonly Uint8Array[];
  readonly acquiredRecords: readonly AcquiredRecords[];
}

/** Apache Kafka tells neighbours apart that came by different ways. */
const joined = (all: readonly AcquiredRecords[]): Json => {
  const ranges: AcquiredRecords[] = [];
  for (const range of all) {
    const last = ranges.at(-1);
    const follows = last && last.lastOffset + 1 === range.firstOffset && last.deliveryCount === range.deliveryCount;
    if (last && follows) ranges[ranges.length - 1] = { ...last, lastOffset: range.lastOffset };
    else ranges.push(range);
  }
  return ranges.map(({ firstOffset, lastOffset, deliveryCount }) => `${firstOffset} to ${lastOffset}, ${deliveryCount} times`);
};

/** For lists whose order means nothing. */
const sorted = (value: Json): Json => (Array.isArray(value) ? value.map((item) => JSON.stringify(item)).sort() : value);

const isLater = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  return Object.entries(value).some(([name, of]) => (/rrorCode$/.test(name) ? LATER.includes(of) : isLater(of)));
};
