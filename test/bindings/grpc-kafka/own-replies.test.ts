// Routes with `replies: own`, over a cache over a Kafka in memory: processes that each read a share of the replies find all of theirs.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { text, utf8 } from "../../../src/core/bytes.ts";
import { CANCELLED, Code, OK } from "../../../src/core/status.ts";
import { CachedKafka } from "../../../src/kafka/log/cached.ts";
import { KafkaSource, type TopicSource } from "../../../src/kafka/log/topic-source.ts";
import { partitionFor } from "../../../src/kafka/wire/murmur2.ts";
import type { Message } from "../../../src/ports/grpc.ts";
import type { Kafka, Share, StoredRecord } from "../../../src/ports/kafka.ts";
import { ask } from "../../kit/ask.ts";
import type { ManualClock } from "../../kit/clock.ts";
import type { MemoryKafka } from "../../kit/memory-kafka.ts";
import { MemorySource } from "../../kit/memory-source.ts";
import * as kit from "./proxy-kit.ts";

const { HW, KEY, UNARY } = kit;
const PARTITIONS = 8;
const ROUTES = [kit.produceRoute({ replies: "own" })];
const KEYED = [["idempotency-key", KEY]] as const;

interface Setting {
  readonly share: Share;
  readonly partitions?: number;
  readonly from?: "earliest" | "latest";
}

/** A cache before the memory Kafka; the partitions that it reads are put down. */
const cached = (kafka: MemoryKafka, clock: ManualClock, { from = "earliest", read }: Pick<Setting, "from"> & { read: number[] }): Kafka => {
  const memory = new MemorySource(kafka);
  const source: TopicSource = {
    follow: (topic, begin, follower) =>
      memory.follow(topic, begin, {
        ...(follower.choose && { choose: (count, before) => follower.choose?.(count, before) ?? [] }),
        opened: (starts) => {
          read.push(...starts.keys());
          follower.opened(starts);
        },
        fetched: (partition, records, next) => follower.fetched(partition, records, next),
        restarted: (partition, start, status) => follower.restarted(partition, start, status),
        failed: (status) => follower.failed(status),
      }),
    read: (topic, wanted, reader) => memory.read(topic, wanted, reader),
    positionAt: (topic, timestampMs) => memory.positionAt(topic, timestampMs),
    ends: (topic) => memory.ends(topic),
  };
  return new CachedKafka({ kafka, source: new KafkaSource(() => source), clock, bootstrap: [], from: () => from, unread: () => {} });
};

const rig = ({ share, partitions = PARTITIONS, ...setting }: Setting) => {
  const read: number[] = [];
  const topics = { requests: 3, responses: partitions };
  let clock: ManualClock | undefined;
  const proxy = kit.proxyOf(ROUTES, {
    kafka: { topics },
    share,
    exit: (kafka, its) => {
      clock = its;
      return cached(kafka, its, { ...setting, read });
    },
  });
  assert.ok(clock);
  return { ...proxy, read };
};
type Own = ReturnType<typeof rig>;

/** A responder: whatever is asked comes back, keyed by its id, from whoever asked. */
const respond = (kafka: MemoryKafka): void => {
  kafka.onRecord = (record) => {
    if (record.topic !== "requests") return;
    setImmediate(() => kit.answer(kafka, record, { value: record.value }));
  };
};

const idsOf = (kafka: MemoryKafka): readonly Uint8Array[] =>
  kafka
    .records("requests")
    .filter(({ value }) => value === null)
    .map((record) => record.header("zilla:correlation-id") ?? utf8(""));

const hello = (number: number): Message => utf8(`hello ${number}`);
const askMany = (proxy: Pick<Own, "grpc">, calls: number) =>
  Promise.all(Array.from({ length: calls }, (_, at) => ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [hello(at)] })));

const untilRead = async (own: Own, count: number): Promise<void> => {
  while (own.read.length < count) await kit.turns();
};

describe("replies of a share", () => {
  test("are those that the ids of calls lead to: nothing else is read", async () => {
    const own = rig({ share: { index: 1, of: 3 } });
    respond(own.kafka);
    for (const { status } of await askMany(own, 100)) assert.deepEqual(status, OK);
    const led = new Set(idsOf(own.kafka).map((id) => partitionFor(id, PARTITIONS)));
    assert.deepEqual([...led].toSorted(), [1, 4, 7]);
    assert.deepEqual(own.read.toSorted(), [1, 4, 7]);
  });

  test("are found by each of several processes, of whichever share, and nobody gets another's", async () => {
    const first = rig({ share: { index: 0, of: 2 } });
    respond(first.kafka);
    const others = [
      { index: 1, of: 2 },
      { index: 1, of: 2 },
      { index: 5, of: 16 },
    ].map((share) => {
      const read: number[] = [];
      const exit = (): Kafka => cached(first.kafka, first.clock, { read });
      return kit.proxyOver(first.kafka, first.clock, { routes: ROUTES, share, exit });
    });
    const answers = await Promise.all([first, ...others].map((proxy) => askMany(proxy, 50)));
    for (const answered of answers)
      for (const [at, { status, replies }] of answered.entries()) assert.deepEqual([status, replies.map(text)], [OK, [text(hello(at))]]);
  });

  test("of fewer partitions than there are shares are read by several", async () => {
    const own = rig({ share: { index: 7, of: 8 }, partitions: 2 });
    respond(own.kafka);
    for (const { status } of await askMany(own, 20)) assert.deepEqual(status, OK);
    assert.deepEqual(own.read.toSorted(), [1]);
  });

  test("where another route reads all of the topic are found there", async () => {
    const read: number[] = [];
    const routes = [
      { ...kit.produceRoute(), when: [{ service: "example.EchoService", method: "All", metadata: [] }] },
      kit.produceRoute({ replies: "own" }),
    ];
    const proxy = kit.proxyOf(routes, {
      kafka: { topics: { requests: 3, responses: PARTITIONS } },
      share: { index: 0, of: 4 },
      exit: (kafka, clock) => cached(kafka, clock, { read }),
    });
    respond(proxy.kafka);
    assert.deepEqual((await ask(proxy.grpc, kit.callOf("All"), { requests: [HW] })).status, OK);
    assert.deepEqual((await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] })).status, OK);
    assert.equal(read.length, PARTITIONS);
  });
});

describe("a caller's own key", () => {
  /** Where its replies are: in none of this share. */
  const its = partitionFor(utf8(UNARY), PARTITIONS);
  const share = { index: (its + 1) % PARTITIONS, of: PARTITIONS };

  for (const from of ["earliest", "latest"] as const) {
    test(`brings its partition along, with what was there before (a topic read from the ${from})`, async () => {
      const own = rig({ share, from });
      own.kafka.write("responses", { key: utf8(UNARY), value: HW, headers: [{ name: "zilla:correlation-id", value: utf8(UNARY) }] });
      own.kafka.write("responses", { key: utf8(UNARY), value: null, headers: [{ name: "zilla:correlation-id", value: utf8(UNARY) }] });
      const { status, replies } = await ask(own.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW] });
      assert.deepEqual([status, replies.map(text)], [OK, [text(HW)]]);
      assert.deepEqual(own.read.toSorted(), [its, share.index].toSorted());
    });

    test(`is found also when its reply comes later, and after others (a topic read from the ${from})`, async () => {
      const own = rig({ share, from });
      respond(own.kafka);
      await askMany(own, 3);
      const { status, replies } = await ask(own.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW] });
      assert.deepEqual([status, replies.map(text)], [OK, [text(HW)]]);
    });
  }
});

describe("partitions that are added", () => {
  test("take the replies of running calls out of nobody's sight", async () => {
    const own = rig({ share: { index: 0, of: 3 }, partitions: 3 });
    const requests: StoredRecord[] = [];
    own.kafka.onRecord = (record) => void (record.topic === "requests" && requests.push(record));
    const running = askMany(own, 40);
    while (requests.length < 80) await kit.turns();
    own.kafka.addPartitions("responses", 7);
    const moved = new Set(idsOf(own.kafka).map((id) => partitionFor(id, 7)));
    assert.ok(
      [1, 2, 4, 5].some((partition) => moved.has(partition)),
      "some replies come where nothing was read",
    );
    for (const request of requests) kit.answer(own.kafka, request, { value: request.value });
    for (const [at, { status, replies }] of (await running).entries())
      assert.deepEqual([status, replies.map(text)], [OK, [text(hello(at))]]);
  });

  test("are heard of by some earlier than by others: new calls are found by both", async () => {
    const own = rig({ share: { index: 0, of: 3 }, partitions: 3 });
    respond(own.kafka);
    await askMany(own, 5);
    own.kafka.addPartitions("responses", 4);
    await askMany(own, 20);
    await untilRead(own, 2);
    own.kafka.onRecord = (record) => {
      if (record.topic !== "requests") return;
      const id = record.header("zilla:correlation-id") ?? utf8("");
      const headers = [{ name: "zilla:correlation-id", value: id }];
      // This responder has not heard.
      setImmediate(() => own.kafka.write("responses", { key: id, value: record.value, headers }, { partition: partitionFor(id, 3) }));
    };
    for (const { status } of await askMany(own, 40)) assert.deepEqual(status, OK);
  });
});

describe("the first calls", () => {
  test("wait until it is known what is read, and hold what they are given", async () => {
    const own = rig({ share: { index: 0, of: 4 } });
    own.kafka.down();
    respond(own.kafka);
    const call = new kit.Conducted(own.grpc, kit.callOf("EchoClientStream"));
    assert.equal(call.to.write([hello(1)]), false);
    await kit.turns();
    assert.equal(call.status, undefined);
    own.kafka.up();
    while (call.readied === 0) await kit.turns();
    call.to.end();
    while (call.status === undefined) await kit.turns();
    assert.deepEqual([call.status, call.messages.map(text)], [OK, [text(hello(1))]]);
    assert.ok(partitionFor(idsOf(own.kafka)[0]!, PARTITIONS) % 4 === 0);
  });

  test("without a deadline wait no longer than the Kafka's timeout", async () => {
    const own = rig({ share: { index: 0, of: 4 } });
    own.kafka.down();
    const call = new kit.Conducted(own.grpc, kit.callOf("EchoUnary"));
    own.clock.advance(30_000 + 1_000);
    assert.equal(call.code, Code.UNAVAILABLE);
    assert.equal(own.runtime.wheel.size, 0);
  });

  test("that are cancelled while they wait leave nothing", async () => {
    const own = rig({ share: { index: 0, of: 4 } });
    own.kafka.down();
    const call = new kit.Conducted(own.grpc, kit.callOf("EchoUnary"));
    call.to.write([HW]);
    call.to.cancel(CANCELLED);
    own.kafka.up();
    await kit.turns();
    assert.deepEqual([own.kafka.records("requests").length, own.runtime.wheel.size], [0, 0]);
  });

  test("are told of a topic that is not there", async () => {
    const proxy = kit.proxyOf(ROUTES, {
      kafka: { topics: { requests: 1 } },
      share: { index: 0, of: 4 },
      exit: (kafka, clock) => cached(kafka, clock, { read: [] }),
    });
    const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] });
    assert.equal(status.code, Code.FAILED_PRECONDITION);
  });
});

test("without a cache, or a share, all is read, and ids lead anywhere", async () => {
  for (const setting of [
    { share: { index: 0, of: 8 } },
    { exit: (kafka: MemoryKafka, clock: ManualClock) => cached(kafka, clock, { read: [] }) },
  ]) {
    const proxy = kit.proxyOf(ROUTES, { kafka: { topics: { requests: 1, responses: PARTITIONS } }, ...setting });
    respond(proxy.kafka);
    await Promise.all(Array.from({ length: 60 }, () => ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] })));
    assert.ok(new Set(idsOf(proxy.kafka).map((id) => partitionFor(id, PARTITIONS))).size > 4);
  }
});
