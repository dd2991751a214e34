// `type: kafka-grpc, kind: remote_server`: takes requests from topics as a member of a group, calls a server with them, and writes its
// answers to the topics that the requests name.
import { randomBytes } from "node:crypto";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { type KafkaGrpcRemoteServerConfig, remoteServer as part } from "./config.ts";
import { Consumer } from "./consumer.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { OffsetBudget } from "./offsets.ts";
import { Places } from "./places.ts";
import { RecordReader } from "./records.ts";
import type { Shared } from "./shared.ts";
import { tallyOf } from "./tally.ts";
import { TopicCalls } from "./topic-calls.ts";

export const remoteServer: Binding<KafkaGrpcRemoteServerConfig> = {
  type: part.type,
  kind: part.kind,
  serves: [],
  exits: "grpc",
  entry: "kafka",
  parse: part.parse,
  bind: (config, exits, runtime) => bindRemoteServer(config, { exits, runtime }),
};

/** What tests set. */
export interface RemoteServerParts {
  readonly limits?: Partial<Limits>;
  /** 0 to 1. */
  readonly random?: () => number;
}

/** How the original names the group; `%s` are the namespace and the binding. */
const GROUP_FORMAT_PROPERTY = "zilla.binding.kafka.grpc.group.id.format";
const GROUP_FORMAT = "zilla:%s-%s";

export const groupOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }, format = GROUP_FORMAT): string => {
  const parts = [namespace, name];
  return format.replaceAll("%s", () => parts.shift() ?? "");
};

export const bindRemoteServer = (
  config: KafkaGrpcRemoteServerConfig,
  { exits, runtime }: { readonly exits: Exits; readonly runtime: Runtime },
  parts: RemoteServerParts = {},
): Bound => {
  const { namespace, name } = config;
  const limits: Limits = { ...LIMITS, callsMax: config.callsMax, retryMs: config.retryMs, ...parts.limits };
  const tally = tallyOf({ namespace, binding: name, counters: runtime.counters, events: runtime.events, clock: runtime.clock });
  const shared: Shared = {
    binding: `${namespace}:${name}`,
    kafka: exits.of("kafka", config.entry),
    acks: config.acks,
    names: config.correlation,
    clock: runtime.clock,
    wheel: runtime.wheel,
    log: runtime.log,
    limits,
    budget: new OffsetBudget(limits.offsetRangesMax),
    tally,
    random: parts.random ?? Math.random,
  };
  const places = new Places(limits.callsMax, tally.active);
  const topics = topicsOf(config, exits, { shared, places });
  const group = groupOf(config, runtime.property(GROUP_FORMAT_PROPERTY));
  const consumer = new Consumer({ shared, query: { topics: [...topics.keys()], group }, topics, places });
  return {
    ports: {},
    start: async () => {
      if (topics.size > 0) consumer.start(); // The group is joined in the background: Kafka may come later.
    },
    drain: (untilMs) => consumer.drain(untilMs),
    close: async () => consumer.close(),
  };
};

/** By topic, with the filters of all `when` entries in the order of the file. */
const topicsOf = (
  { routes, correlation }: KafkaGrpcRemoteServerConfig,
  exits: Exits,
  { shared, places }: { readonly shared: Shared; readonly places: Places },
): ReadonlyMap<string, TopicCalls> => {
  const readers = new Map<string, RecordReader>();
  for (const { exit, when, scheme, authority } of routes) {
    const service = exits.of("grpc", exit);
    for (const condition of when) {
      const reader = readers.get(condition.topic) ?? new RecordReader(correlation);
      readers.set(condition.topic, reader);
      reader.add(condition, { exit: service, scheme, authority, replyTo: condition.replyTo });
    }
  }
  const member = randomBytes(6).toString("base64url");
  let runs = 0;
  const attempt = (): string => `${member}.${++runs}`;
  return new Map([...readers].map(([topic, reader]) => [topic, new TopicCalls({ shared, reader, places, attempt })]));
};
