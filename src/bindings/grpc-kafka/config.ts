// `type: grpc-kafka`: which calls become records of which topic, and which are answered from one.
import {
  type CallerText,
  callerText,
  EXACT_METHOD_SCHEMA,
  exitOf,
  METADATA_SCHEMA,
  type MetadataCondition,
  type MethodCondition,
  metadataConditions,
  methodCondition,
} from "../../config/conditions.ts";
import { ACKS_SCHEMA, acksOf, CORRELATION_SCHEMA, correlationHeaders } from "../../config/correlation.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema } from "../../config/part.ts";
import { chosenBy, flag, guardedText, integer, list, mapOf, object, oneOf, ours, type Schema, text } from "../../config/schema.ts";
import { CORRELATION_NAMES, type CorrelationNames, IDEMPOTENCY_METADATA, RELIABILITY_METADATA } from "../../exchange/names.ts";
import type { Acks } from "../../ports/kafka.ts";

/** Method and metadata must both match. */
export interface GrpcKafkaCondition extends MethodCondition {
  readonly metadata: readonly MetadataCondition[];
}

/** Header names and what their values are, in the order of the file. */
export type HeaderTexts = readonly (readonly [name: string, value: CallerText])[];

/** Calls become records. */
export interface ProduceWith {
  readonly capability: "produce";
  readonly topic: string;
  readonly acks: Acks;
  /** Absent: the correlation id. */
  readonly key?: CallerText;
  readonly overrides: HeaderTexts;
  /** Where the replies are; absent: oneway. */
  readonly replyTo?: string;
  /** `own`: replies are keyed by the correlation id, so that a process may read a share of their partitions. */
  readonly replies: "all" | "own";
  /** Metadata in lower case that are written although they would not be (`authorization`). */
  readonly metadata: readonly string[];
  /** False: none of our own headers are written. */
  readonly extensions: boolean;
}

/** All of it must hold; empty: everything. */
export interface FetchFilter {
  readonly key?: CallerText;
  readonly headers: HeaderTexts;
}

/** Calls are answered with a topic's records. */
export interface FetchWith {
  readonly capability: "fetch";
  readonly topic: string;
  /** Any may hold; none: everything. */
  readonly filters: readonly FetchFilter[];
  /** Whether a caller may narrow what it gets to one record key. */
  readonly narrow: boolean;
}

export interface GrpcKafkaRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any may match; none: always. */
  readonly when: readonly GrpcKafkaCondition[];
  readonly with: ProduceWith | FetchWith;
}

export interface GrpcKafkaProxyConfig {
  readonly namespace: string;
  readonly name: string;
  readonly reliability: { readonly field: number; readonly metadata: string };
  readonly idempotency: { readonly metadata: string };
  readonly correlation: CorrelationNames;
  readonly routes: readonly GrpcKafkaRoute[];
}

/** The field of protobuf that carries the position, unless configured otherwise. */
export const RELIABILITY_FIELD = 32767;
/** Protobuf's highest field number. */
const FIELD_MAX = 536_870_911;
/** Reserved by protobuf; the original replaces them silently. */
const RESERVED = { from: 19_000, to: 19_999 } as const;

const OPTIONS: Schema = object("How calls and records belong together", {
  reliability: object(
    "How a caller resumes a fetch",
    {
      field: integer("The field of a message that carries the position", { minimum: 1, maximum: FIELD_MAX, default: RELIABILITY_FIELD }),
      metadata: text("The metadata that brings the position back", { default: RELIABILITY_METADATA }),
    },
    { tolerant: true },
  ),
  idempotency: object(
    "How a caller repeats a call",
    { metadata: text("The metadata that carries the key", { default: IDEMPOTENCY_METADATA }) },
    { tolerant: true },
  ),
  correlation: CORRELATION_SCHEMA,
});

const CONDITION: Schema = object("All of these must hold", { method: EXACT_METHOD_SCHEMA, metadata: METADATA_SCHEMA });

const PRODUCE: Schema = object(
  "Calls become records",
  {
    capability: { const: "produce" },
    topic: text("The topic of the requests"),
    acks: ACKS_SCHEMA,
    key: guardedText("The key of the records; without it the id of the call"),
    overrides: mapOf("Further record headers", guardedText("The value")),
    "reply-to": text("The topic of the replies; without it nothing is waited for"),
    metadata: ours(undefined, list("Metadata that are written although they are not by default: authorization, cookie", text("A name"))),
    extensions: ours(true, flag("Whether headers that only Sluice knows are written")),
    replies: ours("all", oneOf("Which partitions of the replies are read: all, or the process's own share", ["all", "own"])),
  },
  { required: ["capability", "topic"] },
);

const FILTERS_WANTED = "a list of filters ('- key: …', '- headers: …')";

const FETCH: Schema = object(
  "Calls are answered with a topic's records",
  {
    capability: { const: "fetch" },
    topic: text("The topic"),
    filters: list(
      "Any of these may hold; without it everything is delivered",
      object(
        "All of these must hold",
        { key: guardedText("The key of the record"), headers: mapOf("Headers of the record", guardedText("The value")) },
        { minProperties: 1, wanted: "a filter with 'key' or 'headers' (without 'filters' everything is delivered)" },
      ),
      { wanted: FILTERS_WANTED },
    ),
    narrow: ours(true, flag("Whether a caller may narrow what it gets to one record key, by the idempotency metadata")),
  },
  { required: ["capability", "topic"] },
);

const headerTexts = (value: Value, route: RouteNode): HeaderTexts =>
  value.entries().map(([name, each]) => [name, callerText(each, route.guarded)]);

const keyOf = (value: Value, route: RouteNode): { readonly key?: CallerText } =>
  value.present ? { key: callerText(value, route.guarded) } : {};

/** Where requests are their own replies, these have the key that the route gives to requests. */
const repliesOf = (form: Value): "all" | "own" => {
  const replies = form.at("replies");
  if (replies.string() !== "own") return "all";
  const replyTo = form.at("reply-to").string();
  if (replyTo === undefined) replies.warn("without 'reply-to' there are no replies, so 'own' has no effect");
  else if (replyTo === form.at("topic").string() && form.at("key").present)
    replies.refuse("'own' needs replies that are keyed by the correlation id; here requests are the replies, and have the route's 'key'");
  return "own";
};

const produceWith = (route: RouteNode): ProduceWith => {
  const replyTo = route.with.at("reply-to").string();
  return {
    capability: "produce",
    topic: route.with.at("topic").string() ?? "",
    acks: acksOf(route.with.at("acks")),
    ...keyOf(route.with.at("key"), route),
    overrides: headerTexts(route.with.at("overrides"), route),
    ...(replyTo === undefined ? {} : { replyTo }),
    metadata: route.with
      .at("metadata")
      .strings()
      .map((name) => name.toLowerCase()),
    extensions: route.with.at("extensions").boolean() ?? true,
    replies: repliesOf(route.with),
  };
};

const fetchWith = (route: RouteNode): FetchWith => ({
  capability: "fetch",
  topic: route.with.at("topic").string() ?? "",
  filters: route.with
    .at("filters")
    .items()
    .map((filter) => ({ ...keyOf(filter.at("key"), route), headers: headerTexts(filter.at("headers"), route) })),
  narrow: route.with.at("narrow").boolean() ?? true,
});

const routeOf = (route: RouteNode): GrpcKafkaRoute => ({
  exit: exitOf(route),
  when: route.when.map((condition) => ({
    ...methodCondition(condition.at("method")),
    metadata: metadataConditions(condition.at("metadata")),
  })),
  with: route.with.at("capability").string() === "fetch" ? fetchWith(route) : produceWith(route),
});

const fieldOf = (value: Value): number => {
  const field = value.number() ?? RELIABILITY_FIELD;
  if (field < RESERVED.from || field > RESERVED.to) return field;
  value.warn(`${field} is reserved by protobuf; ${RELIABILITY_FIELD} is taken instead`);
  return RELIABILITY_FIELD;
};

const parse = (node: BindingNode): GrpcKafkaProxyConfig => {
  const options = node.at("options");
  return {
    namespace: node.namespace,
    name: node.name,
    reliability: {
      field: fieldOf(options.at("reliability", "field")),
      metadata: options.at("reliability", "metadata").string()?.toLowerCase() ?? RELIABILITY_METADATA,
    },
    idempotency: { metadata: options.at("idempotency", "metadata").string()?.toLowerCase() ?? IDEMPOTENCY_METADATA },
    correlation: correlationHeaders(options, CORRELATION_NAMES),
    routes: node.routes.map(routeOf),
  };
};

export const proxy: BindingPart<GrpcKafkaProxyConfig> = {
  type: "grpc-kafka",
  kind: "proxy",
  schema: bindingSchema({
    type: "grpc-kafka",
    kind: "proxy",
    description: "Turns calls into records, or answers them with records",
    options: OPTIONS,
    route: {
      when: CONDITION,
      with: chosenBy("capability", { produce: PRODUCE, fetch: FETCH }, "What becomes of a call"),
      required: ["with"],
    },
    exit: "none",
    required: ["routes"],
  }),
  parse,
};
