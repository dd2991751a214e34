// Steps about topics: made, changed, described and deleted.

import { metadata } from "../../../src/kafka/wire/api/03-metadata.ts";
import { offsetCommit } from "../../../src/kafka/wire/api/08-offset-commit.ts";
import { offsetFetch } from "../../../src/kafka/wire/api/09-offset-fetch.ts";
import { createTopics } from "../../../src/kafka/wire/api/19-create-topics.ts";
import { deleteTopics } from "../../../src/kafka/wire/api/20-delete-topics.ts";
import { deleteRecords } from "../../../src/kafka/wire/api/21-delete-records.ts";
import { describeConfigs } from "../../../src/kafka/wire/api/32-describe-configs.ts";
import { createPartitions } from "../../../src/kafka/wire/api/37-create-partitions.ts";
import { incrementalAlterConfigs } from "../../../src/kafka/wire/api/44-incremental-alter-configs.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import type { Question } from "./twins.ts";
import type { World } from "./world.ts";

const TIMEOUT_MS = 10_000;
const TOPIC_RESOURCE = 2;
/** Of Metadata. */
const WITH_IDS = 10;
const NO_ID = "00000000-0000-0000-0000-000000000000";
const CONFIGS: readonly (readonly [name: string, value: string])[] = [
  ["cleanup.policy", "compact"],
  ["cleanup.policy", "nonsense"],
  ["max.message.bytes", "300"],
  ["max.message.bytes", "-1"],
  ["retention.ms", "86400000"],
  ["no.such.key", "1"],
  ["message.timestamp.type", "CreateTime"],
];

const described = (topic: string): Question<Parameters<typeof metadata.request.write>[1], ReturnType<typeof metadata.response.read>> => ({
  api: metadata,
  version: 9,
  request: () => ({
    topics: [{ topicId: NO_ID, name: topic }],
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  }),
});

/** Until both sides know as many partitions with a leader, or none. */
const settled = ({ twins }: World, topic: string, partitions: number | undefined): Promise<void> =>
  twins.until(described(topic), ({ topics: [found] }) =>
    partitions === undefined
      ? found?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : found?.partitions.filter(({ leaderId, errorCode }) => leaderId >= 0 && errorCode === 0).length === partitions,
  );

/** A topic's id on each side. */
export const idsOf = async ({ twins }: World, name: string): Promise<readonly [string, string]> => {
  const [first, second] = await twins.each({ ...described(name), version: WITH_IDS });
  return [first.topics[0]?.topicId ?? NO_ID, second.topics[0]?.topicId ?? NO_ID];
};

/** Topics that stay as they are. */
export const createSteady = async (world: World): Promise<void> => {
  const all = [...world.steady.map((name, at) => [name, at + 2] as const), [world.shareTopic, 1] as const];
  const topics = all.map(([name, numPartitions]) => ({ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }));
  await world.twins.each({ api: createTopics, version: 4, request: () => ({ topics, timeoutMs: TIMEOUT_MS, validateOnly: false }) });
  for (const [name, partitions] of all) await settled(world, name, partitions);
};

export const createTopic = async (world: World): Promise<void> => {
  const { dice, twins } = world;
  const name = world.topic();
  const numPartitions = dice.oneOf([1, 2, 3, 3, 3, 0]);
  const configs = dice.chance(0.3) ? [dice.oneOf(CONFIGS)] : [];
  const validateOnly = dice.chance(0.1);
  const topic = {
    name,
    numPartitions,
    replicationFactor: dice.oneOf([1, 1, 1, 1, 2]),
    assignments: [],
    configs: configs.map(([key, value]) => ({ name: key, value })),
  };
  const version = dice.between(2, 4);
  const request = () => ({ topics: [topic], timeoutMs: TIMEOUT_MS, validateOnly });
  const [{ topics }] = await twins.ask({ api: createTopics, version, request }, JSON.stringify(topic));
  if (topics[0]?.errorCode === 0 && !validateOnly) await settled(world, name, numPartitions);
};

/** An offset of each group there, so that it can be seen when Apache Kafka has forgotten them: until then it may forget new ones too. */
const commitThere = async ({ twins, groups }: World, name: string): Promise<void> => {
  const partitions = [{ partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: "" }];
  const topics = [{ name, topicId: NO_ID, partitions }];
  for (const groupId of groups) {
    const request = () => ({ groupId, generationIdOrMemberEpoch: -1, memberId: "", groupInstanceId: null, retentionTimeMs: -1, topics });
    await twins.ask({ api: offsetCommit, version: 5, request }, `${groupId} ${name}`);
  }
};

export const deleteTopic = async (world: World): Promise<void> => {
  const name = world.topic();
  await commitThere(world, name);
  const request = () => ({ topics: [], topicNames: [name], timeoutMs: TIMEOUT_MS });
  const [{ responses }] = await world.twins.ask({ api: deleteTopics, version: world.dice.between(1, 5), request }, name);
  if (responses[0]?.errorCode !== 0) return;
  await settled(world, name, undefined);
  for (const groupId of world.groups) await forgotten(world, groupId, name);
};

/** The offsets that a group had there go with the topic, a little later. */
const forgotten = ({ twins }: World, groupId: string, name: string): Promise<void> => {
  const request = () => ({ groupId, topics: [{ name, partitionIndexes: [0, 1, 2] }], groups: [], requireStable: false });
  return twins.until({ api: offsetFetch, version: 5, request }, ({ topics }) =>
    topics.every(({ partitions }) => partitions.every(({ committedOffset }) => committedOffset === -1)),
  );
};

export const addPartitions = async (world: World): Promise<void> => {
  const name = world.topic();
  const count = world.dice.between(0, 3);
  const request = () => ({ topics: [{ name, count, assignments: null }], timeoutMs: TIMEOUT_MS, validateOnly: false });
  const [{ results }] = await world.twins.ask({ api: createPartitions, version: world.dice.between(0, 3), request }, `${name} to ${count}`);
  if (results[0]?.errorCode === 0) await settled(world, name, count);
};

export const describeTopic = async (world: World): Promise<void> => {
  const name = world.topic();
  await world.twins.ask(described(name), name);
};

export const cutRecords = async (world: World): Promise<void> => {
  const topics = [{ name: world.topic(), partitions: [{ partitionIndex: world.partition(), offset: world.dice.between(-1, 12) }] }];
  const request = () => ({ topics, timeoutMs: TIMEOUT_MS });
  await world.twins.ask({ api: deleteRecords, version: world.dice.between(0, 2), request }, JSON.stringify(topics));
};

/** Settings that a topic was given: what it inherits is each broker's own. */
const KEYS = ["cleanup.policy", "max.message.bytes", "retention.ms", "no.such.key"];

export const describeSettings = async (world: World): Promise<void> => {
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: world.topic(), configurationKeys: KEYS }];
  const request = () => ({ resources, includeSynonyms: false, includeDocumentation: false });
  await world.twins.ask({ api: describeConfigs, version: world.dice.between(1, 2), request }, JSON.stringify(resources));
};

/** Operations: set, delete, append, subtract. */
export const alterSettings = async (world: World): Promise<void> => {
  const [name, value] = world.dice.oneOf(CONFIGS);
  const configOperation = world.dice.oneOf([0, 0, 1, 2, 3]);
  const resources = [
    {
      resourceType: TOPIC_RESOURCE,
      resourceName: world.topic(),
      configs: [{ name, configOperation, value: configOperation === 1 ? null : value }],
    },
  ];
  const request = () => ({ resources, validateOnly: false });
  await world.twins.ask({ api: incrementalAlterConfigs, version: world.dice.between(0, 1), request }, JSON.stringify(resources));
};
