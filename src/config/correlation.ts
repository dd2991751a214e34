// `options.correlation` and `options.idempotency`, which grpc-kafka and kafka-grpc share.
import type { Value } from "./node.ts";
import { object, oneOf, type Schema, text } from "./schema.ts";

export const CORRELATION_SCHEMA: Schema = object(
  "How the record headers are called that tie a reply to its call",
  {
    headers: object("Names of record headers", {
      service: text("Carries the full name of the service; default zilla:service"),
      method: text("Carries the name of the method; default zilla:method"),
      "correlation-id": text("Carries the id of the call; default zilla:correlation-id"),
      "reply-to": text("Carries the topic of the replies; default zilla:reply-to"),
    }),
  },
  { required: ["headers"] },
);

/** The four names. */
export interface CorrelationHeaders {
  readonly service: string;
  readonly method: string;
  readonly correlationId: string;
  readonly replyTo: string;
}

/** `correlation` of the options; each name falls back on its own. */
export const correlationHeaders = (options: Value, fallback: CorrelationHeaders): CorrelationHeaders => {
  const headers = options.at("correlation", "headers");
  return {
    service: headers.at("service").string() ?? fallback.service,
    method: headers.at("method").string() ?? fallback.method,
    correlationId: headers.at("correlation-id").string() ?? fallback.correlationId,
    replyTo: headers.at("reply-to").string() ?? fallback.replyTo,
  };
};

const ACKS = ["none", "leader_only", "in_sync_replicas"] as const;
export type Acks = (typeof ACKS)[number];

export const ACKS_SCHEMA: Schema = oneOf("Whose acknowledgement a record waits for", ACKS, { default: "in_sync_replicas" });

export const acksOf = (value: Value): Acks => ACKS.find((acks) => acks === value.string()) ?? "in_sync_replicas";
