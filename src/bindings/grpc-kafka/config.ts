// `type: grpc-kafka`: which calls become records of which topic, and which are answered from one.
import type { CallerText, MetadataCondition, MethodCondition } from "../../config/conditions.ts";
import type { CorrelationNames } from "../../exchange/names.ts";
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
