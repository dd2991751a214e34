// Records in and out: acks, refusals, long polls, budgets.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { concat } from "../../src/core/bytes.ts";
import { type ProduceRequest, produce } from "../../src/kafka/wire/api/00-produce.ts";
import { type FetchRequest, fetch } from "../../src/kafka/wire/api/01-fetch.ts";
import { listOffsets } from "../../src/kafka/wire/api/02-list-offsets.ts";
import { metadata } from "../../src/kafka/wire/api/03-metadata.ts";
import { deleteTopics } from "../../src/kafka/wire/api/20-delete-topics.ts";
import { deleteRecords } from "../../src/kafka/wire/api/21-delete-records.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import { ErrorCode } from "../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../src/kafka/wire/type.ts";
import { Asker, batchOf, running } from "./running.ts";

const TOPIC = "orders";
/** The last version that names topics. */
const BY_NAME = 12;

const producing = (records: Uint8Array | null, of: { readonly acks?: number; readonly partition?: number } = {}): ProduceRequest => ({
  transactionalId: null,
  acks: of.acks ?? -1,
  timeoutMs: 1_000,
  topicData: [{ name: TOPIC, topicId: UUID_ZERO, partitionData: [{ index: of.partition ?? 0, records }] }],
});

interface Fetching {
  readonly from: number;
  readonly waitMs?: number;
  readonly bytesMin?: number;
  readonly bytesMax?: number;
  readonly partitionBytesMax?: number;
  readonly partitions?: readonly number[];
}

const fetching = ({
  from,
  waitMs = 0,
  bytesMin = 1,
  bytesMax = 1e6,
  partitionBytesMax = 1e6,
  partitions = [0],
}: Fetching): FetchRequest => ({
  ...fetch.request.empty,
  maxWaitMs: waitMs,
  minBytes: bytesMin,
  maxBytes: bytesMax,
  topics: [
    {
      topic: TOPIC,
      topicId: UUID_ZERO,
      partitions: partitions.map((partition) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: from,
        lastFetchedEpoch: -1,
        logStartOffset: -1,
        partitionMaxBytes: partitionBytesMax,
        replicaDirectoryId: UUID_ZERO,
        highWatermark: 2 ** 63,
      })),
    },
  ],
});

const makeTopic = async (asker: Asker): Promise<string> => {
  const request = { ...metadata.request.empty, topics: [{ topicId: UUID_ZERO, name: TOPIC }], allowAutoTopicCreation: true };
  const { topics } = await asker.ask(metadata, request);
  assert.equal(topics[0]?.errorCode, ErrorCode.NONE);
  return topics[0]?.topicId ?? "";
};

const produced = async (asker: Asker, request: ProduceRequest) => {
  const { responses } = await asker.ask(produce, request, BY_NAME);
  return responses[0]!.partitionResponses[0]!;
};

const fetched = async (asker: Asker, request: FetchRequest) => {
  const { responses } = await asker.ask(fetch, request, BY_NAME);
  return responses[0]!.partitions;
};

const bytesOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

describe("Produce", () => {
  test("answers with the offsets that the records were given", async (context) => {
    const { asker } = await running(context);
    await makeTopic(asker);
    assert.equal((await produced(asker, producing(batchOf(["a", "b"])))).baseOffset, 0);
    const second = await produced(asker, producing(batchOf(["c"]), { acks: 1 }));
    assert.deepEqual([second.errorCode, second.baseOffset, second.logStartOffset, second.logAppendTimeMs], [0, 2, 0, -1]);
  });

  test("with acks 0 nothing is answered, and what was written is there for the next request", async (context) => {
    const { asker } = await running(context);
    await makeTopic(asker);
    asker.send(produce, producing(batchOf(["a"]), { acks: 0 }), BY_NAME);
    assert.equal((await produced(asker, producing(batchOf(["b"])))).baseOffset, 1);
  });

  test("with acks 0 a refusal ends the connection", async (context) => {
    const { asker } = await running(context);
    const closed = new Promise((resolve) => asker.socket.once("close", resolve));
    asker.send(produce, producing(batchOf(["a"]), { acks: 0 }), BY_NAME);
    await closed;
  });

  test("each partition is refused by itself", async (context) => {
    const { asker } = await running(context);
    const unknown = await produced(asker, producing(batchOf(["a"])));
    assert.equal(unknown.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    await makeTopic(asker);
    const corrupt = batchOf(["a"]);
    corrupt[corrupt.length - 1]! ^= 1;
    const codes = [
      (await produced(asker, producing(batchOf(["a"]), { acks: 2 }))).errorCode,
      (await produced(asker, producing(batchOf(["a"]), { partition: 5 }))).errorCode,
      (await produced(asker, producing(corrupt))).errorCode,
      (await produced(asker, producing(null))).errorCode,
    ];
    assert.deepEqual(codes, [
      ErrorCode.INVALID_REQUIRED_ACKS,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      ErrorCode.CORRUPT_MESSAGE,
      ErrorCode.INVALID_RECORD,
    ]);
    assert.equal((await produced(asker, producing(batchOf(["a"])))).baseOffset, 0);
  });

  test("zstd is taken from version 7 on", async (context) => {
    const { asker } = await running(context);
    await makeTopic(asker);
    const value = { key: null, value: Buffer.from("a"), headers: [] };
    const batch = (): Uint8Array => concat(encodeBatch([value], { timestampMs: 1_000, compression: "zstd" }).pieces);
    for (const [version, code] of [
      [6, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE],
      [7, ErrorCode.NONE],
    ] as const) {
      const { responses } = await asker.ask(produce, producing(batch()), version);
      assert.equal(responses[0]?.partitionResponses[0]?.errorCode, code);
    }
  });

  test("topics go by id from version 13 on", async (context) => {
    const { asker } = await running(context);
    const topicId = await makeTopic(asker);
    const request = producing(batchOf(["a"]));
    const byId = (id: string) => ({ ...request, topicData: request.topicData.map((data) => ({ ...data, topicId: id })) });
    const good = await asker.ask(produce, byId(topicId), 13);
    assert.equal(good.responses[0]?.partitionResponses[0]?.errorCode, ErrorCode.NONE);
    const bad = await asker.ask(produce, byId("11111111-1111-1111-1111-111111111111"), 13);
    assert.equal(bad.responses[0]?.partitionResponses[0]?.errorCode, ErrorCode.UNKNOWN_TOPIC_ID);
  });
});

describe("Fetch", () => {
  test("gives the batches as they were sent, with their offsets", async (context) => {
    const { asker } = await running(context);
    await makeTopic(asker);
    const batch = batchOf(["a", "b"]);
    await produced(asker, producing(batch));
    const [partition] = await fetched(asker, fetching({ from: 1 }));
    assert.deepEqual([partition?.errorCode, partition?.highWatermark, partition?.lastStableOffset], [0, 2, 2]);
    assert.deepEqual(Buffer.concat(partition?.records ?? []).subarray(16), Buffer.from(batch).subarray(16));
  });

  test("waits for records that are not there yet", async (context) => {
    const { broker, asker } = await running(context);
    await makeTopic(asker);
    const waiting = fetched(asker, fetching({ from: 0, waitMs: 60_000 }));
    const other = await Asker.to(broker);
    await produced(other, producing(batchOf(["a"])));
    other.socket.destroy();
    assert.ok(bytesOf((await waiting)[0]?.records ?? []) > 0);
  });

  test("waits no longer than it was told", async (context) => {
    const { asker } = await running(context);
    await makeTopic(asker);
    const [partition] = await fetched(asker, fetching({ from: 0, waitMs: 10 }));
    assert.deepEqual([partition?.errorCode, partition?.records], [0, []]);
  });

  test("a topic that is deleted ends the wait", async (context) => {
    const { broker, asker } = await running(context);
    await makeTopic(asker);
    const waiting = fetched(asker, fetching({ from: 0, waitMs: 60_000 }));
    const other = await Asker.to(broker);
    await other.ask(deleteTopics, { topics: [{ name: TOPIC, topicId: UUID_ZERO }], topicNames: [], timeoutMs: 0 });
    other.socket.destroy();
    assert.equal((await waiting)[0]?.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test("the first batch is given however large, the rest within the budget", async (context) => {
    const { asker } = await running(context, { partitions: 2 });
    await makeTopic(asker);
    const large = batchOf(["x".repeat(1_000)]);
    for (const partition of [0, 1]) for (let count = 0; count < 3; count++) await produced(asker, producing(large, { partition }));
    const counts = async (of: Partial<Fetching>) =>
      (await fetched(asker, fetching({ from: 0, partitions: [0, 1], ...of }))).map(({ records }) => bytesOf(records) / large.length);
    assert.deepEqual(await counts({ bytesMax: 10 }), [1, 0]);
    assert.deepEqual(await counts({ bytesMax: large.length * 4 }), [3, 1]);
    assert.deepEqual(await counts({ partitionBytesMax: large.length * 2 }), [2, 2]);
  });

  test("an offset beyond the end, or before the beginning, is refused", async (context) => {
    const { asker } = await running(context);
    await makeTopic(asker);
    await produced(asker, producing(batchOf(["a", "b"])));
    assert.equal((await fetched(asker, fetching({ from: 3 })))[0]?.errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
    const cut = { topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, offset: -1 }] }], timeoutMs: 1_000 };
    assert.equal((await asker.ask(deleteRecords, cut)).topics[0]?.partitions[0]?.lowWatermark, 2);
    assert.equal((await fetched(asker, fetching({ from: 1 })))[0]?.errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
  });
});

test("ListOffsets finds the ends, times, and the largest timestamp", async (context) => {
  const { asker } = await running(context);
  await makeTopic(asker);
  for (const timestampMs of [1_000, 3_000, 2_000]) await produced(asker, producing(batchOf(["a"], timestampMs)));
  const at = async (timestamp: number) => {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }];
    const answer = await asker.ask(listOffsets, { replicaId: -1, isolationLevel: 0, timeoutMs: 0, topics: [{ name: TOPIC, partitions }] });
    const { offset, timestamp: found } = answer.topics[0]!.partitions[0]!;
    return [offset, found];
  };
  assert.deepEqual(await at(-1), [3, -1]);
  assert.deepEqual(await at(-2), [0, -1]);
  assert.deepEqual(await at(-3), [1, 3_000]);
  assert.deepEqual(await at(1_500), [1, 3_000]);
  assert.deepEqual(await at(4_000), [-1, -1]);
});

test("a control may watch, delay or answer the requests of an API", async (context) => {
  const { broker, asker } = await running(context);
  await makeTopic(asker);
  const seen: number[] = [];
  const stop = broker.control(produce, (request, { version }) => {
    seen.push(version);
    return request.acks === 1 ? { ...produce.response.empty, responses: [] } : undefined;
  });
  assert.equal((await produced(asker, producing(batchOf(["a"])))).baseOffset, 0);
  assert.deepEqual((await asker.ask(produce, producing(batchOf(["a"]), { acks: 1 }), BY_NAME)).responses, []);
  stop();
  assert.equal((await produced(asker, producing(batchOf(["a"]), { acks: 1 }))).baseOffset, 1);
  assert.deepEqual(seen, [BY_NAME, BY_NAME]);
});
