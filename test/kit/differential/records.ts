// Steps about records: written plainly and by idempotent producers, read, looked up by offset, time and epoch.
import { concat } from "../../../src/core/bytes.ts";
import { produce } from "../../../src/kafka/wire/api/00-produce.ts";
import { fetch } from "../../../src/kafka/wire/api/01-fetch.ts";
import { listOffsets } from "../../../src/kafka/wire/api/02-list-offsets.ts";
import { initProducerId } from "../../../src/kafka/wire/api/22-init-producer-id.ts";
import { offsetForLeaderEpoch } from "../../../src/kafka/wire/api/23-offset-for-leader-epoch.ts";
import { describeProducers } from "../../../src/kafka/wire/api/61-describe-producers.ts";
import type { Side } from "./twins.ts";
import type { BatchOf, TwinProducer, World } from "./world.ts";

const TIMEOUT_MS = 10_000;
const NO_ID = "00000000-0000-0000-0000-000000000000";

export interface Writing extends BatchOf {
  readonly topic: string;
  readonly partition: number;
  readonly transactionalId?: string;
}

/** Whether both took it; how many records it had. */
export const write = async (
  world: World,
  { topic, partition, transactionalId, ...of }: Writing,
): Promise<{ readonly code: number; readonly count: number }> => {
  const { bytes, count } = world.batch(of);
  const request = (side: Side) => ({
    transactionalId: transactionalId ?? null,
    acks: -1,
    timeoutMs: TIMEOUT_MS,
    topicData: [{ name: topic, topicId: NO_ID, partitionData: [{ index: partition, records: concat(bytes(side)) }] }],
  });
  const version = world.dice.between(3, 11);
  const [{ responses }] = await world.twins.ask(
    { api: produce, version, request },
    `${topic}-${partition}, ${count} records, ${JSON.stringify(of)}`,
  );
  return { code: responses[0]?.partitionResponses[0]?.errorCode ?? -1, count };
};

export const writePlainly = async (world: World): Promise<void> => {
  await write(world, { topic: world.topic(), partition: world.partition(), keyed: world.dice.chance(0.7) });
};

const PRODUCERS_MAX = 4;

export const becomeProducer = async (world: World): Promise<void> => {
  if (world.producers.length >= PRODUCERS_MAX) world.producers.shift();
  const request = () => ({
    transactionalId: null,
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
    enable2Pc: false,
    keepPreparedTxn: false,
  });
  const [first, second] = await world.twins.ask({ api: initProducerId, version: world.dice.between(0, 5), request }, "idempotent");
  world.producers.push({ ids: [first.producerId, second.producerId], epoch: first.producerEpoch, sequences: new Map() });
};

/** In order mostly; sometimes again, sometimes with a gap. */
export const writeInOrder = async (world: World): Promise<void> => {
  if (world.producers.length === 0) return becomeProducer(world);
  const of: TwinProducer = world.dice.oneOf(world.producers);
  const [topic, partition] = [world.topic(), world.dice.between(0, 2)];
  const place = `${topic}-${partition}`;
  const next = of.sequences.get(place) ?? 0;
  const sequence = world.dice.chance(0.85) ? next : Math.max(0, next + world.dice.between(-3, 3));
  const { code, count } = await write(world, { topic, partition, keyed: true, producer: { of, sequence } });
  if (code === 0 && sequence >= next) of.sequences.set(place, sequence + count);
};

export const read = async (world: World): Promise<void> => {
  const { dice, twins } = world;
  const [topic, partition, fetchOffset] = [world.topic(), world.partition(), dice.between(-1, 15)];
  const of = {
    partition,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    partitionMaxBytes: dice.oneOf([1, 300, 1 << 20]),
    replicaDirectoryId: NO_ID,
    highWatermark: 2 ** 63,
  };
  const request = () => ({
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1 },
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    isolationLevel: isolation,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, topicId: NO_ID, partitions: [of] }],
    forgottenTopicsData: [],
    rackId: "",
  });
  const isolation = dice.between(0, 1);
  await twins.ask(
    { api: fetch, version: dice.between(4, 11), request },
    `${topic}-${partition} from ${fetchOffset}, isolation ${isolation}, ${of.partitionMaxBytes} bytes`,
  );
};

/** Latest, earliest, the newest time, and times before, among and after the records. */
const times = ({ beganMs }: World): readonly number[] => [-1, -2, -3, 0, beganMs + 50, beganMs + 10_000_000];

export const look = async (world: World): Promise<void> => {
  const { dice } = world;
  const version = dice.between(1, 8);
  const timestamp = dice.oneOf(times(world).filter((time) => time !== -3 || version >= 7));
  const topics = [{ name: world.topic(), partitions: [{ partitionIndex: world.partition(), currentLeaderEpoch: -1, timestamp }] }];
  const isolationLevel = dice.between(0, 1);
  const request = () => ({ replicaId: -1, isolationLevel, topics, timeoutMs: TIMEOUT_MS });
  await world.twins.ask({ api: listOffsets, version, request }, `${JSON.stringify(topics)} isolation ${isolationLevel}`);
};

export const lookByEpoch = async (world: World): Promise<void> => {
  const partitions = [
    { partition: world.partition(), currentLeaderEpoch: world.dice.oneOf([-1, 0, 5]), leaderEpoch: world.dice.between(0, 2) },
  ];
  const topics = [{ topic: world.topic(), partitions }];
  const request = () => ({ replicaId: -1, topics });
  await world.twins.ask({ api: offsetForLeaderEpoch, version: world.dice.between(2, 4), request }, JSON.stringify(topics));
};

export const lookAtProducers = async (world: World): Promise<void> => {
  const topics = [{ name: world.topic(), partitionIndexes: [world.partition()] }];
  await world.twins.ask({ api: describeProducers, version: 0, request: () => ({ topics }) }, JSON.stringify(topics));
};
