// The settings of the broker: those of Apache Kafka's that mean something here, and those that topics follow. `dynamic` ones may be changed
// while it runs.
import type { ConfigDefinition, ConfigType } from "./definition.ts";
import { TOPIC_CONFIGS } from "./topic-definitions.ts";

export interface BrokerConfigDefinition extends ConfigDefinition {
  readonly dynamic: boolean;
}

type Row = readonly [name: string, type: ConfigType, fallback: string | null, about: string];

const FIXED: readonly Row[] = [
  ["advertised.listeners", "list", null, "Where clients are told to come."],
  ["auto.create.topics.enable", "boolean", "true", "Whether topics are made when they are first used."],
  ["broker.id", "int", "-1", "The number of the node."],
  ["broker.rack", "string", null, "Where the node stands."],
  ["connections.max.idle.ms", "long", "600000", "A connection that is not used for so long is closed."],
  ["connections.max.reauth.ms", "long", "0", "Clients authenticate again after this time; 0: never."],
  ["default.replication.factor", "int", "1", "There is one node, so there is one replica."],
  ["delete.topic.enable", "boolean", "true", "Whether topics may be deleted."],
  ["fetch.max.bytes", "int", "57671680", "The most that a fetch is answered with."],
  ["group.consumer.assignors", "list", "uniform,range", "How partitions may be assigned by the coordinator."],
  ["group.consumer.heartbeat.interval.ms", "int", "5000", "How often members of the consumer protocol are heard from."],
  [
    "group.consumer.migration.policy",
    "string",
    "bidirectional",
    "Whether groups change their protocol for members of the other one: bidirectional, upgrade, downgrade or disabled.",
  ],
  ["group.consumer.session.timeout.ms", "int", "45000", "A member of the consumer protocol that is silent for so long is gone."],
  ["group.initial.rebalance.delay.ms", "int", "0", "How long a new group waits for further members."],
  ["group.max.session.timeout.ms", "int", "1800000", "The longest session timeout a member may ask for."],
  ["group.max.size", "int", "2147483647", "The most members a group may have."],
  ["group.min.session.timeout.ms", "int", "6000", "The shortest session timeout a member may ask for."],
  ["group.share.max.share.sessions", "int", "2000", "How many share sessions there may be."],
  ["group.share.max.size", "int", "200", "The most members a share group may have."],
  ["listeners", "list", "PLAINTEXT://:9092", "Where the broker listens."],
  ["log.cleaner.enable", "boolean", "true", "Whether logs are compacted."],
  ["log.dir", "string", "/tmp/kafka-logs", "Where the data lies."],
  ["log.dirs", "list", null, "Where the data lies."],
  ["log.retention.check.interval.ms", "long", "300000", "How often old segments are looked for."],
  ["log.retention.hours", "int", "168", "Like log.retention.ms, in hours."],
  ["log.roll.hours", "int", "168", "Like log.roll.ms, in hours."],
  ["max.incremental.fetch.session.cache.slots", "int", "1000", "How many fetch sessions there may be."],
  ["node.id", "int", null, "The number of the node."],
  ["num.partitions", "int", "1", "How many partitions a topic gets that is made without saying so."],
  ["offset.metadata.max.bytes", "int", "4096", "The most that may be written beside a committed offset."],
  ["offsets.retention.minutes", "int", "10080", "How long the offsets of an empty group are kept."],
  ["offsets.topic.num.partitions", "int", "50", "Partitions of the topic that keeps offsets."],
  ["offsets.topic.replication.factor", "short", "3", "There is one node, so there is one replica."],
  ["process.roles", "list", "", "The node is broker and controller."],
  ["sasl.enabled.mechanisms", "list", "GSSAPI", "How clients may authenticate."],
  ["security.inter.broker.protocol", "string", "PLAINTEXT", "There is one node."],
  ["socket.request.max.bytes", "int", "104857600", "The largest request."],
  ["ssl.client.auth", "string", "none", "Whether clients must show a certificate."],
  ["transaction.max.timeout.ms", "int", "900000", "The longest a transaction may take."],
  ["transaction.state.log.num.partitions", "int", "50", "Partitions of the topic that keeps transactions."],
  ["transaction.state.log.replication.factor", "short", "3", "There is one node, so there is one replica."],
  ["transactional.id.expiration.ms", "int", "604800000", "How long the state of an unused transactional id is kept."],
];

const DYNAMIC: readonly Row[] = [
  ["log.cleaner.backoff.ms", "long", "15000", "How often logs that may be compacted are looked for; as given at the start."],
  ["log.cleaner.threads", "int", "1", "Has no effect here."],
  ["max.connections", "int", "2147483647", "Has no effect here."],
  ["num.io.threads", "int", "8", "Has no effect here."],
  ["num.network.threads", "int", "3", "Has no effect here."],
  ["producer.id.expiration.ms", "int", "86400000", "How long a producer's sequence numbers are known."],
];

/** What topics follow; of some the broker's own has no default. */
const followed = (): BrokerConfigDefinition[] =>
  TOPIC_CONFIGS.filter(({ brokerName }) => brokerName !== "").map(({ brokerName, brokerUnset, ...definition }) => ({
    ...definition,
    name: brokerName,
    fallback: brokerUnset ? null : definition.fallback,
    about: `What topics follow that have no ${definition.name} of their own.`,
    dynamic: true,
  }));

const definitionOf = ([name, type, fallback, about]: Row): ConfigDefinition => ({ name, type, fallback, about });

export const BROKER_CONFIGS: readonly BrokerConfigDefinition[] = [
  ...FIXED.map((row) => ({ ...definitionOf(row), dynamic: false })),
  ...DYNAMIC.map((row) => ({ ...definitionOf(row), dynamic: true })),
  ...followed(),
];

const BY_NAME = new Map(BROKER_CONFIGS.map((definition) => [definition.name, definition]));

export const brokerConfig = (name: string): BrokerConfigDefinition | undefined => BY_NAME.get(name);
