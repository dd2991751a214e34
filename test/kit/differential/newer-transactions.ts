// Steps of a producer that speaks the second version of transactions (KIP-890): partitions join by being written to, and each end gives a new
// epoch.
import { concat } from "../../../src/core/bytes.ts";
import { produce } from "../../../src/kafka/wire/api/00-produce.ts";
import { initProducerId } from "../../../src/kafka/wire/api/22-init-producer-id.ts";
import { endTxn } from "../../../src/kafka/wire/api/26-end-txn.ts";
import { txnOffsetCommit } from "../../../src/kafka/wire/api/28-txn-offset-commit.ts";
import { describeTransactions } from "../../../src/kafka/wire/api/65-describe-transactions.ts";
import { idsOf } from "./topics.ts";
import type { Side } from "./twins.ts";
import type { TwinProducer, World } from "./world.ts";

const TIMEOUT_MS = 10_000;
const NO_ID = "00000000-0000-0000-0000-000000000000";
const IDS_FROM = 13;

const producerOf = async (world: World): Promise<TwinProducer> => {
  const { newerId, twins } = world;
  const known = world.transactional.get(newerId);
  if (known && world.dice.chance(0.95)) return known;
  const request = () => ({
    ...{ transactionalId: newerId, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 },
    ...{ enable2Pc: false, keepPreparedTxn: false },
  });
  const [first, second] = await twins.ask({ api: initProducerId, version: 5, request }, newerId);
  const made: TwinProducer = { ids: [first.producerId, second.producerId], epoch: first.producerEpoch, sequences: new Map() };
  world.transactional.set(newerId, made);
  return made;
};

export const writeInTransaction = async (world: World): Promise<void> => {
  const of = await producerOf(world);
  const { dice, newerId } = world;
  const [topic, index] = [dice.oneOf(world.steady), dice.between(0, 1)];
  const place = `${topic}-${index}`;
  const sequence = of.sequences.get(place) ?? 0;
  const { bytes, count } = world.batch({ keyed: true, transactional: true, producer: { of, sequence } });
  const version = dice.between(12, 13);
  const topicIds = await idsOf(world, topic);
  const request = (side: Side) => {
    const partitionData = [{ index, records: concat(bytes(side)) }];
    const named = version >= IDS_FROM ? { name: "", topicId: topicIds[side] } : { name: topic, topicId: NO_ID };
    return { transactionalId: newerId, acks: -1, timeoutMs: TIMEOUT_MS, topicData: [{ ...named, partitionData }] };
  };
  const [{ responses }] = await world.twins.ask({ api: produce, version, request }, `${place} at ${sequence}`);
  if (responses[0]?.partitionResponses[0]?.errorCode === 0) of.sequences.set(place, sequence + count);
};

export const commitInTransaction = async (world: World): Promise<void> => {
  const of = await producerOf(world);
  const [groupId, transactionalId] = [world.groups[0] ?? "", world.newerId];
  const partitions = [{ partitionIndex: 0, committedOffset: world.dice.between(0, 9), committedLeaderEpoch: -1, committedMetadata: "" }];
  const topics = [{ name: world.dice.oneOf(world.steady), partitions }];
  const request = (side: Side) => ({
    ...{ transactionalId, groupId, producerId: of.ids[side], producerEpoch: of.epoch },
    ...{ generationId: -1, memberId: "", groupInstanceId: null, topics },
  });
  await world.twins.ask({ api: txnOffsetCommit, version: 5, request }, `${transactionalId} ${groupId}`);
};

export const endTransaction = async (world: World): Promise<void> => {
  const of = await producerOf(world);
  const transactionalId = world.newerId;
  const committed = world.dice.chance(0.6);
  const wrong = world.dice.chance(0.05) ? 1 : 0;
  const request = (side: Side) => ({ transactionalId, committed, producerId: of.ids[side], producerEpoch: of.epoch + wrong });
  const [first, second] = await world.twins.ask({ api: endTxn, version: 5, request }, `${transactionalId} ${committed}`);
  if (first.errorCode === 0)
    world.transactional.set(transactionalId, {
      ids: [first.producerId, second.producerId],
      epoch: first.producerEpoch,
      sequences: new Map(),
    });
  const asked = { api: describeTransactions, version: 0, request: () => ({ transactionalIds: [transactionalId] }) };
  await world.twins.until(asked, ({ transactionStates }) => !transactionStates[0]?.transactionState.startsWith("Prepare"));
};
