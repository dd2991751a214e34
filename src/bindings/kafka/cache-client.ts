// The cache client: where bindings that read and write topics enter. The cache itself is the cache server's; here only the routes choose
// which one has a topic.
import { ConfigError } from "../../config/place.ts";
import { fail, type StatusError } from "../../core/status.ts";
import type { Kafka } from "../../ports/kafka.ts";
import type { Binding, Bound, Exits } from "../binding.ts";
import { type KafkaCacheClientConfig, type KafkaRoute, cacheClient as part } from "./config.ts";

export const cacheClient: Binding<KafkaCacheClientConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["kafka"],
  exits: "kafka",
  parse: part.parse,
  bind: (config, exits) => bindKafkaCacheClient(config, exits),
};

const bindKafkaCacheClient = (config: KafkaCacheClientConfig, exits: Exits): Bound => {
  const { name, place, routes } = config;
  const routed = routes.map((route) => ({ route, kafka: exits.of("kafka", route.exit) }));
  const [first] = routed;
  if (!first) throw new ConfigError(place, `'${name}' has no exit; found none, a cache_server is needed`);
  // One for all topics is handed on as it is.
  return { ports: { kafka: first.route.topics.length === 0 ? first.kafka : routedKafka(name, routed) } };
};

interface Routed {
  readonly route: KafkaRoute;
  readonly kafka: Kafka;
}

const routedKafka = (name: string, routed: readonly Routed[]): Kafka => {
  const find = (topic: string): Kafka | undefined =>
    routed.find(({ route: { topics } }) => topics.length === 0 || topics.some((pattern) => pattern.matches(topic)))?.kafka;
  const refusal = (topic: string): StatusError => fail("FAILED_PRECONDITION", `kafka: no route of '${name}' has topic '${topic}'`);
  const found = (topic: string): Kafka => {
    const kafka = find(topic);
    if (!kafka) throw refusal(topic);
    return kafka;
  };
  const servers = routed.flatMap(({ kafka }) => kafka.servers ?? []);
  const times = routed.flatMap(({ kafka: { timeoutMs } }) => timeoutMs ?? []);
  return {
    ...(times.length > 0 && { timeoutMs: Math.max(...times) }),
    ...(servers.length > 0 && { servers: [...new Set(servers)].join(",") }),
    produce(to, records, receipt) {
      const kafka = find(to.topic);
      if (kafka) kafka.produce(to, records, receipt);
      else setImmediate(() => receipt.produced(refusal(to.topic).status));
    },
    fetch: (query, reply) => found(query.topic).fetch(query, reply),
    // A member reads all its topics through one client; the first of them says which.
    consume: (query, reply) => found(query.topics[0] ?? "").consume(query, reply),
    ownReplies: (topic, share) => find(topic)?.ownReplies?.(topic, share),
  };
};
