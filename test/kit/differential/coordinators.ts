// Steps that coordinators answer: offsets of groups, and transactions from their beginning to their end.
import { offsetCommit } from "../../../src/kafka/wire/api/08-offset-commit.ts";
import { offsetFetch } from "../../../src/kafka/wire/api/09-offset-fetch.ts";
import { findCoordinator } from "../../../src/kafka/wire/api/10-find-coordinator.ts";
import { describeGroups } from "../../../src/kafka/wire/api/15-describe-groups.ts";
import { initProducerId } from "../../../src/kafka/wire/api/22-init-producer-id.ts";
import { addPartitionsToTxn } from "../../../src/kafka/wire/api/24-add-partitions-to-txn.ts";
import { addOffsetsToTxn } from "../../../src/kafka/wire/api/25-add-offsets-to-txn.ts";
import { endTxn } from "../../../src/kafka/wire/api/26-end-txn.ts";
import { txnOffsetCommit } from "../../../src/kafka/wire/api/28-txn-offset-commit.ts";
import { deleteGroups } from "../../../src/kafka/wire/api/42-delete-groups.ts";
import { offsetDelete } from "../../../src/kafka/wire/api/47-offset-delete.ts";
import { describeTransactions } from "../../../src/kafka/wire/api/65-describe-transactions.ts";
import { write } from "./records.ts";
import type { Side } from "./twins.ts";
import type { TwinProducer, World } from "./world.ts";

const NO_ID = "00000000-0000-0000-0000-000000000000";

/** Metadata are never too large: a refused commit makes a group that Apache Kafka shows only once something else was committed. */
const offsetsOf = (world: World) => [
  {
    name: world.topic(),
    topicId: NO_ID,
    partitions: [
      {
        partitionIndex: world.partition(),
        committedOffset: world.dice.between(0, 20),
        committedLeaderEpoch: -1,
        committedMetadata: world.dice.oneOf(["", "m"]),
      },
    ],
  },
];

/** Apache Kafka makes its coordinators' topics when somebody looks for one. */
export const findCoordinators = async ({ twins, groups, transactionalIds }: World): Promise<void> => {
  for (const [keyType, keys] of [groups, transactionalIds].entries()) {
    for (const key of keys) {
      const request = () => ({ key, keyType, coordinatorKeys: [] });
      await twins.until({ api: findCoordinator, version: 3, request }, ({ errorCode }) => errorCode === 0);
    }
  }
};

export const commitOffsets = async (world: World): Promise<void> => {
  const [groupId, topics] = [world.group(), offsetsOf(world)];
  const memberId = world.dice.chance(0.9) ? "" : "stranger";
  const request = () => ({ groupId, generationIdOrMemberEpoch: -1, memberId, groupInstanceId: null, retentionTimeMs: -1, topics });
  await world.twins.ask({ api: offsetCommit, version: world.dice.between(2, 8), request }, `${groupId} ${memberId} ${topics[0]?.name}`);
};

export const readOffsets = async (world: World): Promise<void> => {
  const [groupId, name, partitionIndexes] = [world.group(), world.topic(), [0, 1, 2]];
  const request = () => ({ groupId, topics: [{ name, partitionIndexes }], groups: [], requireStable: false });
  await world.twins.ask({ api: offsetFetch, version: world.dice.between(1, 7), request }, `${groupId} ${name}`);
};

export const forgetOffsets = async (world: World): Promise<void> => {
  const [groupId, name] = [world.group(), world.topic()];
  const request = () => ({ groupId, topics: [{ name, partitions: [{ partitionIndex: 1 }] }] });
  await world.twins.ask({ api: offsetDelete, version: 0, request }, `${groupId} ${name}`);
};

export const describeGroup = async (world: World): Promise<void> => {
  const groups = [world.group()];
  const request = () => ({ groups, includeAuthorizedOperations: false });
  await world.twins.ask({ api: describeGroups, version: world.dice.between(0, 5), request }, groups.join());
};

/** Not the consumer group, which would begin at another epoch on each side, nor the share group, which Apache Kafka reads on without it. */
export const forgetGroup = async (world: World): Promise<void> => {
  const groupsNames = [world.dice.oneOf(world.groups.filter((group) => group !== world.consumerGroup && group !== world.shareGroup))];
  await world.twins.ask({ api: deleteGroups, version: world.dice.between(0, 2), request: () => ({ groupsNames }) }, groupsNames.join());
};

/** The producer of a transactional id, as it was at first or taken over anew. */
const transactional = async (world: World, transactionalId: string): Promise<TwinProducer> => {
  const known = world.transactional.get(transactionalId);
  if (known && world.dice.chance(0.95)) return known;
  const request = () => ({
    transactionalId,
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
    enable2Pc: false,
    keepPreparedTxn: false,
  });
  const [first, second] = await world.twins.ask({ api: initProducerId, version: world.dice.between(0, 4), request }, transactionalId);
  const made: TwinProducer = { ids: [first.producerId, second.producerId], epoch: first.producerEpoch, sequences: new Map() };
  world.transactional.set(transactionalId, made);
  return made;
};

/** What every request of a transaction says of its producer; sometimes it has an epoch that was never given. */
const claimOf = (world: World, of: TwinProducer): ((side: Side) => { readonly producerId: number; readonly producerEpoch: number }) => {
  const wrong = world.dice.chance(0.05) ? 1 : 0;
  return (side) => ({ producerId: of.ids[side], producerEpoch: of.epoch + wrong });
};

export const addPartition = async (world: World): Promise<void> => {
  const transactionalId = world.dice.oneOf(world.transactionalIds);
  const claim = claimOf(world, await transactional(world, transactionalId));
  const topics = [{ name: world.topic(), partitions: [world.partition()] }];
  const request = (side: Side) => {
    const { producerId, producerEpoch } = claim(side);
    return {
      transactions: [],
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: topics,
    };
  };
  await world.twins.ask(
    { api: addPartitionsToTxn, version: world.dice.between(0, 3), request },
    `${transactionalId} ${JSON.stringify(topics)}`,
  );
};

export const writeInTransaction = async (world: World): Promise<void> => {
  const transactionalId = world.dice.oneOf(world.transactionalIds);
  const of = await transactional(world, transactionalId);
  const [topic, partition] = [world.topic(), world.dice.between(0, 2)];
  const place = `${topic}-${partition}`;
  const sequence = of.sequences.get(place) ?? 0;
  const { code, count } = await write(world, {
    topic,
    partition,
    keyed: true,
    transactional: true,
    transactionalId,
    producer: { of, sequence },
  });
  if (code === 0) of.sequences.set(place, sequence + count);
};

export const commitInTransaction = async (world: World): Promise<void> => {
  const transactionalId = world.dice.oneOf(world.transactionalIds);
  const claim = claimOf(world, await transactional(world, transactionalId));
  const [groupId, topics] = [world.group(), offsetsOf(world)];
  const joined = (side: Side) => ({ transactionalId, groupId, ...claim(side) });
  const [{ errorCode }] = await world.twins.ask(
    { api: addOffsetsToTxn, version: world.dice.between(0, 3), request: joined },
    `${transactionalId} ${groupId}`,
  );
  if (errorCode !== 0) return;
  const request = (side: Side) => ({ ...joined(side), generationId: -1, memberId: "", groupInstanceId: null, topics });
  await world.twins.ask(
    { api: txnOffsetCommit, version: world.dice.between(0, 4), request },
    `${transactionalId} ${groupId} ${topics[0]?.name}`,
  );
};

export const endTransaction = async (world: World): Promise<void> => {
  const transactionalId = world.dice.oneOf(world.transactionalIds);
  const claim = claimOf(world, await transactional(world, transactionalId));
  const committed = world.dice.chance(0.6);
  const request = (side: Side) => ({ transactionalId, committed, ...claim(side) });
  await world.twins.ask(
    { api: endTxn, version: world.dice.between(0, 4), request },
    `${transactionalId} ${committed ? "commit" : "abort"}`,
  );
  const asked = { api: describeTransactions, version: 0, request: () => ({ transactionalIds: [transactionalId] }) };
  await world.twins.until(asked, ({ transactionStates }) => !transactionStates[0]?.transactionState.startsWith("Prepare"));
};
