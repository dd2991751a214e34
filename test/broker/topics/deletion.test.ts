// A topic is deleted and made anew while others write and read it: they are refused, and nothing else happens.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { produce } from "../../../src/kafka/wire/api/00-produce.ts";
import { fetch } from "../../../src/kafka/wire/api/01-fetch.ts";
import { createTopics } from "../../../src/kafka/wire/api/19-create-topics.ts";
import { deleteTopics } from "../../../src/kafka/wire/api/20-delete-topics.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../../src/kafka/wire/type.ts";
import { Asker, batchOf, running } from "../running.ts";

const TOPIC = "t";
const BY_NAME = 12;
const ROUNDS = 5;

const creation = {
  topics: [{ name: TOPIC, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
  timeoutMs: 1_000,
  validateOnly: false,
};
const deletion = { topics: [{ name: TOPIC, topicId: UUID_ZERO }], topicNames: [], timeoutMs: 1_000 };

const produceOnce = async (asker: Asker): Promise<number> => {
  const partitionData = [0, 1].map((index) => ({ index, records: batchOf(["x"]) }));
  const request = { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData: [{ name: TOPIC, topicId: UUID_ZERO, partitionData }] };
  const { responses } = await asker.ask(produce, request, BY_NAME);
  return responses[0]!.partitionResponses[0]!.errorCode;
};

const fetchOnce = async (asker: Asker): Promise<number> => {
  const partition = { ...fetch.request.empty, partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000, currentLeaderEpoch: -1 };
  const rest = { lastFetchedEpoch: -1, logStartOffset: -1, replicaDirectoryId: UUID_ZERO, highWatermark: 2 ** 63 };
  const topics = [{ topic: TOPIC, topicId: UUID_ZERO, partitions: [{ ...partition, ...rest }] }];
  const { responses } = await asker.ask(
    fetch,
    { ...fetch.request.empty, maxWaitMs: 20, minBytes: 100_000, maxBytes: 1e6, topics },
    BY_NAME,
  );
  return responses[0]!.partitions[0]!.errorCode;
};

test("who writes or reads a topic that is deleted is refused, and served again when it is there", async (context) => {
  const { broker, asker } = await running(context, { data: mkdtempSync(join(tmpdir(), "sluice-broker-")) });
  const codes = { produce: new Set<number>(), fetch: new Set<number>() };
  let isOver = false;
  const repeat = async (once: (asker: Asker) => Promise<number>, into: Set<number>): Promise<void> => {
    const own = await Asker.to(broker);
    while (!isOver) into.add(await once(own));
    own.socket.destroy();
  };
  const others = [repeat(produceOnce, codes.produce), repeat(produceOnce, codes.produce), repeat(fetchOnce, codes.fetch)];
  for (let round = 0; round < ROUNDS; round++) {
    assert.equal((await asker.ask(createTopics, creation)).topics[0]?.errorCode, ErrorCode.NONE);
    assert.equal(await produceOnce(asker), ErrorCode.NONE);
    assert.equal((await asker.ask(deleteTopics, deletion)).responses[0]?.errorCode, ErrorCode.NONE);
    assert.equal(await produceOnce(asker), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }
  isOver = true;
  await Promise.all(others);
  for (const seen of Object.values(codes))
    assert.deepEqual(
      [...seen].filter((code) => code !== ErrorCode.NONE && code !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
      [],
    );
});
