// What the kafka bindings are configured with: topics of the caches, servers and credentials of the client.
import { exitOf } from "../../config/conditions.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema } from "../../config/part.ts";
import { type Pattern, patternOf } from "../../config/pattern.ts";
import type { Place } from "../../config/place.ts";
import { duration, list, mapOf, object, oneNeeded, oneOf, ours, type Schema, size, text } from "../../config/schema.ts";
import { durationMs, type HostPort, hostPortOf, sizeBytes } from "../../config/units.ts";
import type { GroupProtocol } from "../../kafka/client/group-calls.ts";
import { MODEL } from "../../resources/model/config.ts";
import { SASL_AUTHORIZATION, SASL_MECHANISMS, type SaslConfig, saslOf } from "./sasl-config.ts";

interface KafkaConfig {
  readonly namespace: string;
  readonly name: string;
  readonly place: Place;
}

export interface KafkaRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match the topic; none: always. */
  readonly topics: readonly Pattern[];
}

export interface KafkaCacheClientConfig extends KafkaConfig {
  readonly routes: readonly KafkaRoute[];
}

/** Where the cache of a topic begins. */
export type DefaultOffset = "historical" | "live";

export interface KafkaCacheTopic {
  /** Compared exactly, as the original does for `defaultOffset`. */
  readonly name: string;
  readonly defaultOffset: DefaultOffset;
}

export interface KafkaCacheServerConfig extends KafkaConfig {
  /** Topics that are read from the start of the process on. */
  readonly bootstrap: readonly string[];
  readonly topics: readonly KafkaCacheTopic[];
  /** Of the records that are kept for readers at the end of their topics, over all topics. */
  readonly logBytes: number;
  /** Of the index by which replies are found that were there before their call. */
  readonly replyIndexBytes: number;
  readonly routes: readonly KafkaRoute[];
}

export interface KafkaClientConfig extends KafkaConfig {
  /** Empty: the tcp client behind it says where to. */
  readonly servers: readonly HostPort[];
  readonly sasl?: SaslConfig;
  /** How long a call without a deadline waits for a Kafka that does not answer. */
  readonly timeoutMs: number;
  readonly decompressedBatchBytes: number;
  /** Of all records that were given and are not acknowledged; past it new ones are refused. */
  readonly produceBytes: number;
  readonly groupProtocol: GroupProtocol;
  /** The first is taken: the topics of the older dialect's routes are not looked at. */
  readonly routes: readonly KafkaRoute[];
}

export const KAFKA_TIMEOUT_MS = 30_000;
export const DECOMPRESSED_BATCH_BYTES_MAX = 64 * 1024 * 1024;
export const PRODUCE_BYTES_MAX = 64 * 1024 * 1024;
export const LOG_BYTES_MAX = 128 * 1024 * 1024;
export const REPLY_INDEX_BYTES_MAX = 256 * 1024 * 1024;

const CONDITION: Schema = object("The topic must match", { topic: text("A topic, with '*' for any characters") });

const TOPIC_KEYS = {
  name: text("The topic; {name} stands for one or more characters"),
  key: MODEL,
  value: MODEL,
};

const EXTRACT: Schema = text(`A field of the first level: \${message.key.<field>} or \${message.value.<field>}`, {
  pattern: "^\\$\\{message\\.(key|value)\\.[^.}]+\\}$",
  wanted: `an expression such as '\${message.value.id}'`,
});

const TRANSFORM: Schema = object(
  "What is taken out of a record",
  { "extract-key": EXTRACT, "extract-headers": mapOf("Headers by name", EXTRACT) },
  { allOf: [oneNeeded("extract-key", "extract-headers")] },
);

const CACHE_CLIENT_OPTIONS: Schema = object("What is known of topics", {
  topics: list("Topics", object("A topic", TOPIC_KEYS, { required: ["name"] })),
});

const CACHE_SERVER_OPTIONS: Schema = object("What is known of topics", {
  bootstrap: list("Topics that are read from the start on", text("A topic")),
  topics: list(
    "Topics",
    object(
      "A topic",
      {
        ...TOPIC_KEYS,
        defaultOffset: oneOf("Where the cache begins", ["historical", "live"], { default: "historical" }),
        deltaType: oneOf("Without effect", ["none", "json_patch"], { default: "none" }),
        transforms: list("What is taken out of records", TRANSFORM),
      },
      { required: ["name"] },
    ),
  ),
  limits: ours(
    undefined,
    object("What may be kept of topics", {
      log: ours("128MiB", size("Records kept for readers near the end, over all topics; others read from Kafka")),
      "reply-index": ours("256MiB", size("The index of replies from before their call; older ones are as if they were not there")),
    }),
  ),
});

const CLIENT_OPTIONS: Schema = object("Which brokers, and how to them", {
  servers: list("The brokers to ask first", text("host:port"), { minItems: 1 }),
  sasl: object(
    "Credentials; 'authorization' is the newer spelling",
    { mechanism: oneOf("How they are shown", SASL_MECHANISMS), username: text("The user's name"), password: text("The password") },
    { required: ["mechanism"] },
  ),
  authorization: SASL_AUTHORIZATION,
  timeout: ours("30s", duration("How long a call without a deadline waits for a Kafka that does not answer")),
  "group-protocol": ours(
    "classic",
    oneOf("What members of consumer groups speak: classic, or consumer (KIP-848)", ["classic", "consumer"]),
  ),
  limits: ours(
    undefined,
    object("What may be taken from brokers, and wait for them", {
      "decompressed-batch": ours("64MiB", size("A batch of records after it is decompressed")),
      produce: ours("64MiB", size("Records that brokers have not acknowledged; past it more are refused")),
    }),
  ),
});

const common = (node: BindingNode): KafkaConfig => ({ namespace: node.namespace, name: node.name, place: node.keyPlace });

const routeOf = (route: RouteNode): KafkaRoute => ({
  exit: exitOf(route),
  topics: route.when.flatMap((condition) => {
    const topic = condition.at("topic").string();
    return topic === undefined ? [] : [patternOf(topic)];
  }),
});

const topicOf = (value: Value): KafkaCacheTopic => ({
  name: value.at("name").string() ?? "",
  defaultOffset: value.at("defaultOffset").string() === "live" ? "live" : "historical",
});

const parseClient = (node: BindingNode): KafkaClientConfig => {
  const options = node.at("options");
  const sasl = saslOf(node);
  return {
    ...common(node),
    servers: options
      .at("servers")
      .items()
      .flatMap((server) => hostPortOf(server) ?? []),
    ...(sasl ? { sasl } : {}),
    timeoutMs: durationMs(options.at("timeout"), KAFKA_TIMEOUT_MS),
    decompressedBatchBytes: sizeBytes(options.at("limits", "decompressed-batch"), DECOMPRESSED_BATCH_BYTES_MAX),
    produceBytes: sizeBytes(options.at("limits", "produce"), PRODUCE_BYTES_MAX),
    groupProtocol: options.at("group-protocol").string() === "consumer" ? "consumer" : "classic",
    routes: node.routes.map(routeOf),
  };
};

export const cacheClient: BindingPart<KafkaCacheClientConfig> = {
  type: "kafka",
  kind: "cache_client",
  schema: bindingSchema({
    type: "kafka",
    kind: "cache_client",
    description: "Where bindings that read and write topics enter",
    options: CACHE_CLIENT_OPTIONS,
    route: { when: CONDITION },
  }),
  parse: (node) => ({ ...common(node), routes: node.routes.map(routeOf) }),
};

export const cacheServer: BindingPart<KafkaCacheServerConfig> = {
  type: "kafka",
  kind: "cache_server",
  schema: bindingSchema({
    type: "kafka",
    kind: "cache_server",
    description: "Reads each topic once, for all who read it here",
    options: CACHE_SERVER_OPTIONS,
    route: { when: CONDITION },
  }),
  older: [{ path: ["options", "topics", "*", "deltaType"], instead: "leave it out: it has no effect" }],
  parse: (node) => ({
    ...common(node),
    bootstrap: node.at("options", "bootstrap").strings(),
    topics: node.at("options", "topics").items().map(topicOf),
    logBytes: sizeBytes(node.at("options", "limits", "log"), LOG_BYTES_MAX),
    replyIndexBytes: sizeBytes(node.at("options", "limits", "reply-index"), REPLY_INDEX_BYTES_MAX),
    routes: node.routes.map(routeOf),
  }),
};

export const client: BindingPart<KafkaClientConfig> = {
  type: "kafka",
  kind: "client",
  schema: bindingSchema({
    type: "kafka",
    kind: "client",
    description: "Speaks with brokers",
    options: CLIENT_OPTIONS,
    route: { when: CONDITION },
  }),
  older: [
    { path: ["options", "sasl"], instead: "write 'authorization: { <guard>: { credentials: { mechanism, username, password } } }'" },
    { path: ["routes", "*", "when"], instead: "leave it out: a kafka client has one exit for all topics" },
  ],
  parse: parseClient,
};
