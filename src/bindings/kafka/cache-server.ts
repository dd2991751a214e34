// The cache server: reads each topic once for all who read it here. The log is in memory and begins anew with the process, as the
// original's does.
import { ConfigError } from "../../config/place.ts";
import { CORRELATION_NAMES } from "../../exchange/names.ts";
import { CachedKafka } from "../../kafka/log/cached.ts";
import { LogMemory } from "../../kafka/log/log-memory.ts";
import { sourceOf } from "../../kafka/log/topic-source.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { type KafkaCacheServerConfig, cacheServer as part } from "./config.ts";

export const cacheServer: Binding<KafkaCacheServerConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["kafka"],
  exits: "kafka",
  parse: part.parse,
  bind: (config, exits, runtime) => bindKafkaCacheServer(config, exits, runtime),
};

const bindKafkaCacheServer = (config: KafkaCacheServerConfig, exits: Exits, runtime: Runtime): Bound => {
  const { name, place, bootstrap, topics } = config;
  const [route] = config.routes;
  if (!route) throw new ConfigError(place, `'${name}' has no exit; found none, a kafka client is needed`);
  const kafka = exits.of("kafka", route.exit);
  const source = sourceOf(kafka);
  if (!source) throw new ConfigError(place, `'${route.exit}' is no kafka client, but one is needed behind the cache_server '${name}'`);
  const live = new Set(topics.filter(({ defaultOffset }) => defaultOffset === "live").map((topic) => topic.name));
  const told = new Set<string>();
  const cached = new CachedKafka({
    kafka,
    source,
    bootstrap: isOff(runtime.property("zilla.binding.kafka.cache.server.bootstrap")) ? [] : bootstrap,
    memory: new LogMemory(config.logBytes),
    replyIndexBytesMax: config.replyIndexBytes,
    clock: runtime.clock,
    replyHeader: CORRELATION_NAMES.correlationId,
    from: (topic) => (live.has(topic) ? "latest" : "earliest"),
    unread: (topic, { message }) => {
      if (told.has(topic)) return;
      told.add(topic);
      runtime.log.warn(`topic '${topic}' is to be read from the start on, and cannot be yet`, { binding: name, reason: message });
    },
  });
  return {
    ports: { kafka: cached },
    start: async () => cached.start(),
    close: async () => cached.close(),
  };
};

const isOff = (property: string | undefined): boolean => property?.trim().toLowerCase() === "false";
