// What a new topic must fulfil, whoever asks for it: its name, how many partitions and replicas, where they are to lie, its settings.
import type { CreateTopicsRequest } from "../../kafka/wire/api/19-create-topics.ts";
import { CLUSTER } from "../access.ts";
import type { RequestContext } from "../api.ts";
import type { Broker } from "../broker.ts";
import { BrokerError } from "../broker-error.ts";
import type { Values } from "../configs/broker-settings.ts";
import { checkedTopicValues } from "../configs/topic-settings.ts";
import { isInternal, isReserved, nameFault, OFFSETS_TOPIC, type TRANSACTIONS_TOPIC } from "./names.ts";
import type { Topic } from "./topic.ts";
import type { NewTopic } from "./topics.ts";

/** As CreateTopics asks for it. */
export type WantedTopic = CreateTopicsRequest["topics"][number];

/** More partitions than this are not made at once. */
export const PARTITIONS_MAX = 10_000;
/** The broker chooses. */
const CHOOSE = -1;

const checkName = (name: string, broker: Broker): void => {
  const fault = nameFault(name);
  if (fault !== undefined) throw new BrokerError("INVALID_TOPIC_EXCEPTION", fault);
  if (isReserved(name)) throw new BrokerError("INVALID_REQUEST", `'${name}' is the broker's own`);
  if (broker.topics.get(name)) throw new BrokerError("TOPIC_ALREADY_EXISTS", `there is a topic '${name}' already`);
  const other = broker.topics.collidingWith(name);
  if (other) throw new BrokerError("INVALID_TOPIC_EXCEPTION", `'${name}' is too like the topic '${other.name}': only '.' and '_' differ`);
};

/** The replicas of a partition, which somebody has chosen by hand. */
export const checkReplicas = (brokerIds: readonly number[], { nodeId }: Broker): void => {
  if (brokerIds.length === 0) throw new BrokerError("INVALID_REPLICA_ASSIGNMENT", "a partition is assigned to no broker");
  const strange = brokerIds.find((id) => id !== nodeId);
  if (strange !== undefined) throw new BrokerError("INVALID_REPLICA_ASSIGNMENT", `there is no broker ${strange}; this one is ${nodeId}`);
  if (brokerIds.length > 1) throw new BrokerError("INVALID_REPLICA_ASSIGNMENT", "a partition is assigned to a broker twice");
};

const assignedPartitions = ({ assignments, numPartitions, replicationFactor }: WantedTopic, broker: Broker): number => {
  if (replicationFactor !== CHOOSE)
    throw new BrokerError("INVALID_REQUEST", "a replication factor and an assignment of partitions exclude each other");
  if (numPartitions !== CHOOSE)
    throw new BrokerError("INVALID_REQUEST", "a number of partitions and an assignment of partitions exclude each other");
  const indexes = assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
  for (const { brokerIds } of assignments) checkReplicas(brokerIds, broker);
  if (indexes.some((index, at) => index !== at))
    throw new BrokerError("INVALID_REPLICA_ASSIGNMENT", "the partitions assigned are not numbered from 0 on without a gap");
  return indexes.length;
};

const partitionsOf = (wanted: WantedTopic, broker: Broker): number => {
  const { assignments, numPartitions, replicationFactor } = wanted;
  if (assignments.length > 0) return assignedPartitions(wanted, broker);
  if (numPartitions < CHOOSE || numPartitions === 0)
    throw new BrokerError("INVALID_PARTITIONS", `${numPartitions} partitions; -1 lets the broker choose`);
  if (replicationFactor < CHOOSE || replicationFactor === 0)
    throw new BrokerError("INVALID_REPLICATION_FACTOR", `a replication factor of ${replicationFactor}; -1 lets the broker choose`);
  if (replicationFactor > 1)
    throw new BrokerError("INVALID_REPLICATION_FACTOR", `a replication factor of ${replicationFactor}; there is 1 broker`);
  return numPartitions === CHOOSE ? broker.settings.number("num.partitions") : numPartitions;
};

const valuesOf = ({ configs }: WantedTopic, broker: Broker): Values => {
  const missing = configs.find(({ value }) => value === null);
  if (missing) throw new BrokerError("INVALID_CONFIG", `'${missing.name}' has no value`);
  const names = configs.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw new BrokerError("INVALID_CONFIG", `'${twice}' is there twice`);
  return checkedTopicValues(new Map(configs.map(({ name, value }) => [name, value ?? ""])), broker.settings);
};

/** Throws a BrokerError. */
export const checkedTopic = (wanted: WantedTopic, broker: Broker): NewTopic => {
  checkName(wanted.name, broker);
  const own = valuesOf(wanted, broker);
  const partitions = partitionsOf(wanted, broker);
  if (partitions > PARTITIONS_MAX)
    throw new BrokerError("POLICY_VIOLATION", `${partitions} partitions; at most ${PARTITIONS_MAX} are made at once`);
  return { name: wanted.name, partitions, own };
};

export const mayCreate = (name: string, { broker, client }: RequestContext): boolean =>
  broker.access.allows(client, "create", CLUSTER) || broker.access.allows(client, "create", { type: "topic", name });

const internalTopic = (name: string, { settings }: Broker): NewTopic => {
  const setting = name === OFFSETS_TOPIC ? "offsets.topic.num.partitions" : "transaction.state.log.num.partitions";
  const own = new Map([
    ["cleanup.policy", "compact"],
    ["segment.bytes", "104857600"],
  ]);
  return { name, partitions: settings.number(setting), own };
};

/**
 * Makes an internal topic that is not there yet, for clients that look whether it is: what it stands for is kept elsewhere. That it cannot
 * be made, or was made meanwhile, keeps nobody from anything.
 */
export const showInternal = async (name: typeof OFFSETS_TOPIC | typeof TRANSACTIONS_TOPIC, broker: Broker): Promise<void> => {
  if (broker.topics.get(name)) return;
  try {
    await broker.topics.create(internalTopic(name, broker));
  } catch (reason) {
    if (reason instanceof BrokerError && reason.name === "TOPIC_ALREADY_EXISTS") return;
    broker.log.warn("an internal topic could not be made", { topic: name, reason: String(reason) });
  }
};

/** The topic somebody uses who has not made it; two who do so at the same time get the same one. Rejects with a BrokerError. */
export const autoCreate = async (name: string, context: RequestContext): Promise<Topic> => {
  const { broker } = context;
  if (!mayCreate(name, context)) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  const wanted: WantedTopic = { name, numPartitions: CHOOSE, replicationFactor: CHOOSE, assignments: [], configs: [] };
  try {
    const topic = await broker.topics.create(isInternal(name) ? internalTopic(name, broker) : checkedTopic(wanted, broker));
    broker.log.info("a topic was made since it is used", { topic: name, partitions: topic.partitions.length });
    return topic;
  } catch (reason) {
    const made = reason instanceof BrokerError && reason.name === "TOPIC_ALREADY_EXISTS" ? broker.topics.get(name) : undefined;
    if (made) return made;
    throw reason;
  }
};
