// `type: kafka-grpc`: which records become calls to which server.
import { EXACT_METHOD_SCHEMA, exitOf, methodCondition } from "../../config/conditions.ts";
import { ACKS_SCHEMA, acksOf, CORRELATION_SCHEMA, correlationHeaders } from "../../config/correlation.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema } from "../../config/part.ts";
import { duration, integer, mapOf, object, ours, reference, type Schema, text } from "../../config/schema.ts";
import { durationMs } from "../../config/units.ts";
import { CORRELATION_NAMES, type CorrelationNames, IDEMPOTENCY_METADATA } from "../../exchange/names.ts";
import type { Acks } from "../../ports/kafka.ts";

/** Which records of a topic: everything that is given must hold. */
export interface KafkaGrpcCondition {
  readonly topic: string;
  /** What the reply-to header must be, and so the topic of the replies. */
  readonly replyTo: string;
  readonly key?: string;
  /** In the order of the file. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly service?: string;
  /** Absent: any of the service. */
  readonly method?: string;
}

export interface KafkaGrpcRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: the route does nothing. */
  readonly when: readonly KafkaGrpcCondition[];
  /** Of the calls. */
  readonly scheme: string;
  readonly authority: string;
}

export interface KafkaGrpcRemoteServerConfig {
  readonly namespace: string;
  readonly name: string;
  /** The kafka binding, as the file spells it. */
  readonly entry: string;
  /** Of the reply records. */
  readonly acks: Acks;
  readonly correlation: CorrelationNames;
  /** How long a call without a deadline is tried again while its server cannot be reached. */
  readonly retryMs: number;
  /** Calls at a time. */
  readonly callsMax: number;
  readonly routes: readonly KafkaGrpcRoute[];
}

export const RETRY_MS = 60_000;
export const CALLS_MAX = 1000;

const OPTIONS: Schema = object(
  "How records become calls",
  {
    acks: ACKS_SCHEMA,
    idempotency: object(
      "Without effect, as in the original",
      { metadata: text("The metadata that carries the key", { default: IDEMPOTENCY_METADATA }) },
      { tolerant: true },
    ),
    correlation: CORRELATION_SCHEMA,
    retry: ours("60s", duration("How long a call without a deadline is tried again while its server cannot be reached")),
    limits: ours(
      undefined,
      object("What the binding may take", { calls: ours(CALLS_MAX, integer("Calls at a time; others wait on the topic", { minimum: 1 })) }),
    ),
  },
  { tolerant: true },
);

const CONDITION: Schema = object(
  "All of these must hold",
  {
    topic: text("The topic of the requests"),
    "reply-to": text("What the reply-to header of a record must be: the topic of the replies"),
    key: text("The key of the record"),
    headers: mapOf("Headers of the record", text("The value")),
    method: EXACT_METHOD_SCHEMA,
  },
  { required: ["topic", "reply-to"] },
);

const WITH: Schema = object(
  "What the calls are addressed to",
  { scheme: text("http or https"), authority: text("host:port, as the server expects it") },
  { required: ["scheme", "authority"] },
);

const conditionOf = (value: Value): KafkaGrpcCondition => {
  const key = value.at("key").string();
  return {
    topic: value.at("topic").string() ?? "",
    replyTo: value.at("reply-to").string() ?? "",
    ...(key === undefined ? {} : { key }),
    headers: value
      .at("headers")
      .entries()
      .map(([name, each]) => [name, each.string() ?? ""]),
    ...methodCondition(value.at("method")),
  };
};

const routeOf = (route: RouteNode): KafkaGrpcRoute => ({
  exit: exitOf(route),
  when: route.when.map(conditionOf),
  scheme: route.with.at("scheme").string() ?? "",
  authority: route.with.at("authority").string() ?? "",
});

const parse = (node: BindingNode): KafkaGrpcRemoteServerConfig => {
  const options = node.at("options");
  if (options.at("idempotency").present) options.at("idempotency").warn("'idempotency' has no effect on a kafka-grpc binding");
  for (const route of node.at("routes").items()) {
    if (route.at("when").items().length === 0) route.warn("a route without 'when' takes no records");
    if (route.at("guarded").present) route.at("guarded").warn("'guarded' has no effect on a kafka-grpc binding: records have no session");
  }
  return {
    namespace: node.namespace,
    name: node.name,
    entry: node.entry?.text ?? "",
    acks: acksOf(options.at("acks")),
    correlation: correlationHeaders(options, CORRELATION_NAMES),
    retryMs: durationMs(options.at("retry"), RETRY_MS),
    callsMax: options.at("limits", "calls").number() ?? CALLS_MAX,
    routes: node.routes.map(routeOf),
  };
};

export const remoteServer: BindingPart<KafkaGrpcRemoteServerConfig> = {
  type: "kafka-grpc",
  kind: "remote_server",
  schema: bindingSchema({
    type: "kafka-grpc",
    kind: "remote_server",
    description: "Takes requests from topics, calls a server, and writes its answers to topics",
    options: OPTIONS,
    route: { when: CONDITION, with: WITH, required: ["with"] },
    exit: "none",
    keys: { entry: reference("The kafka binding that records are taken from and written to") },
    required: ["entry", "routes"],
  }),
  parse,
};
