import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Code, fail, type Status } from "../../../src/core/status.ts";
import { CachedKafka, type CachedOptions } from "../../../src/kafka/log/cached.ts";
import { IDLE_MS, RETRY_MS } from "../../../src/kafka/log/cached-topic.ts";
import type { PartitionStart } from "../../../src/kafka/log/log-view.ts";
import { type FollowFrom, KafkaSource, type TopicFollower, type TopicSource } from "../../../src/kafka/log/topic-source.ts";
import { ManualClock } from "../../kit/clock.ts";
import { Fetching } from "../../kit/kafka-callers.ts";
import { MemoryKafka } from "../../kit/memory-kafka.ts";
import { recordOf, stored, TOPIC } from "./history.ts";

/** One topic that is followed; the test says what comes of it. */
interface Followed {
  readonly topic: string;
  readonly from: string;
  readonly follower: TopicFollower;
  readonly added: { readonly partitions: readonly number[]; readonly from: FollowFrom }[];
  closed: boolean;
}

const START: PartitionStart = { offset: 0, end: 0, earliest: true };
const starts = (...all: readonly PartitionStart[]): ReadonlyMap<number, PartitionStart> => new Map(all.entries());

/** A cache over a source that is played by hand. */
const cacheOf = (options: Partial<CachedOptions> = {}) => {
  const clock = new ManualClock();
  const followed: Followed[] = [];
  const unread: string[] = [];
  const source: TopicSource = {
    follow(topic, from, follower) {
      const one: Followed = { topic, from, follower, added: [], closed: false };
      followed.push(one);
      return {
        add: (partitions, from) => one.added.push({ partitions, from }),
        close: () => {
          one.closed = true;
        },
      };
    },
    read: () => ({ cancel() {} }),
    positionAt: async () => new Map([[0, 1]]),
    ends: async () => new Map([[0, 5]]),
  };
  const cached = new CachedKafka({
    kafka: new MemoryKafka(),
    source: new KafkaSource(() => source),
    clock,
    bootstrap: [],
    from: () => "earliest",
    unread: (topic) => unread.push(topic),
    ...options,
  });
  const write = (of: Followed, offset: number, values: readonly string[]): void => {
    const records = values.map((value) => recordOf(value, [["id", "none"]]));
    of.follower.fetched(0, stored(0, offset, records), offset + values.length);
  };
  return { cached, clock, followed, unread, write };
};

test("a topic is followed once for all its readers, and once more for those who want what is not committed", async () => {
  const { cached, followed, write } = cacheOf();
  const readers = [0, 1, 2].map(() => new Fetching(cached, { topic: TOPIC }));
  const uncommitted = new Fetching(cached, { topic: TOPIC, isolation: "read_uncommitted" });
  assert.equal(followed.length, 2);
  for (const one of followed) one.follower.opened(starts(START));
  for (const one of followed) write(one, 0, ["a", "b"]);
  for (const reader of [...readers, uncommitted]) await reader.until(2);
  assert.equal(cached.open, 4);
  for (const reader of [...readers, uncommitted]) reader.cancel();
  assert.equal(cached.open, 0);
  cached.close();
});

test("a topic that nobody reads is followed a while longer, and anew when somebody does", async () => {
  const { cached, clock, followed } = cacheOf();
  const first = new Fetching(cached, { topic: TOPIC });
  followed[0]!.follower.opened(starts(START));
  await first.started();
  first.cancel();
  clock.advance(IDLE_MS - 1);
  const second = new Fetching(cached, { topic: TOPIC });
  await second.started();
  second.cancel();
  assert.equal(followed.length, 1);
  clock.advance(IDLE_MS);
  assert.equal(followed[0]!.closed, true);
  new Fetching(cached, { topic: TOPIC }).cancel();
  assert.equal(followed.length, 2);
  cached.close();
  assert.equal(clock.armed, 0);
});

test("a topic of bootstrap is followed from the start, kept without readers, and looked for again when it is not there", async () => {
  const { cached, clock, followed, unread } = cacheOf({ bootstrap: [TOPIC] });
  cached.start();
  assert.equal(followed.length, 1);
  followed[0]!.follower.failed(fail("FAILED_PRECONDITION", "no such topic").status);
  assert.deepEqual(unread, [TOPIC]);
  clock.advance(RETRY_MS);
  assert.equal(followed.length, 2);
  followed[1]!.follower.opened(starts(START));
  const reader = new Fetching(cached, { topic: TOPIC });
  await reader.started();
  reader.cancel();
  clock.advance(10 * IDLE_MS);
  assert.equal(followed[1]!.closed, false);
  cached.close();
  assert.deepEqual([followed[1]!.closed, clock.armed], [true, 0]);
});

test("readers that wait for a topic that cannot be read end with the reason, and a later one tries again", async () => {
  const { cached, followed } = cacheOf();
  const waiting = [0, 1].map(() => new Fetching(cached, { topic: TOPIC }));
  followed[0]!.follower.failed(fail("FAILED_PRECONDITION", "kafka: topic 't' does not exist").status);
  for (const reader of waiting) assert.equal((await reader.ended()).code, Code.FAILED_PRECONDITION);
  new Fetching(cached, { topic: TOPIC }).cancel();
  assert.equal(followed.length, 2);
  cached.close();
});

test("when records may have been deleted unread, calls that wait for theirs end, and other readers go on", async () => {
  const { cached, followed, write } = cacheOf();
  const call = new Fetching(cached, { topic: TOPIC, from: "latest", correlated: { name: "id", value: Buffer.from("call") } });
  const reader = new Fetching(cached, { topic: TOPIC });
  const { follower } = followed[0]!;
  follower.opened(starts(START));
  write(followed[0]!, 0, ["a"]);
  await reader.until(1);
  await call.started();
  const lost: Status = fail("UNAVAILABLE", "replies may have been deleted unread").status;
  follower.restarted(0, { offset: 50, end: 60, earliest: true }, lost);
  assert.deepEqual(await call.ended(), lost);
  write(followed[0]!, 50, ["b"]);
  await reader.until(2);
  assert.deepEqual(reader.values, ["a", "b"]);
  reader.cancel();
  cached.close();
});

test("a position above what the log knows is asked for, and refused when it is not there", async () => {
  const { cached, followed } = cacheOf();
  const there = new Fetching(cached, { topic: TOPIC, from: new Map([[0, 5]]) });
  const beyond = new Fetching(cached, { topic: TOPIC, from: new Map([[0, 6]]) });
  followed[0]!.follower.opened(starts(START));
  assert.equal((await beyond.ended()).code, Code.OUT_OF_RANGE);
  await there.started();
  there.cancel();
  cached.close();
});

test("a time is a position that Kafka knows", async () => {
  const { cached, followed, write } = cacheOf();
  const reader = new Fetching(cached, { topic: TOPIC, from: { timestampMs: 77 } });
  followed[0]!.follower.opened(starts(START));
  write(followed[0]!, 0, ["a", "b"]);
  await reader.until(1);
  assert.deepEqual(reader.values, ["b"]);
  reader.cancel();
  cached.close();
});

test("cancelled while the topic is being opened, a reader hears nothing; closed, all readers end", async () => {
  const { cached, followed } = cacheOf();
  const early = new Fetching(cached, { topic: TOPIC });
  const late = new Fetching(cached, { topic: TOPIC });
  early.cancel();
  followed[0]!.follower.opened(starts(START));
  await late.started();
  cached.close();
  assert.equal((await late.ended()).code, Code.UNAVAILABLE);
  await turn();
  assert.throws(() => new Fetching(cached, { topic: TOPIC }), /the cache is closed/);
});
