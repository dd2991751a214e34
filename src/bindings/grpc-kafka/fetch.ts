// A route with `capability: fetch`: what a caller gets of a topic, and where it resumes.
import { equal, fromBase64 } from "../../core/bytes.ts";
import { fail } from "../../core/status.ts";
import { callerTextResolver } from "../../exchange/caller-text.ts";
import { decodeMessageId } from "../../exchange/message-id.ts";
import { valueBytes } from "../../exchange/metadata.ts";
import { RELIABILITY_METADATA_DOCUMENTED } from "../../exchange/names.ts";
import type { Call, Grpc, Metadata } from "../../ports/grpc.ts";
import type { Filter, From, Kafka } from "../../ports/kafka.ts";
import type { FetchFilter, FetchWith } from "./config.ts";
import { FetchCall } from "./fetch-call.ts";
import { IdentifiedMessages } from "./identified-messages.ts";
import type { ProxyParts } from "./parts.ts";

export const fetchRoute = (route: FetchWith, kafka: Kafka, parts: ProxyParts): Grpc => {
  const { topic, narrow } = route;
  const { counters, limit, failures, reliabilityMetadata, idempotencyMetadata } = parts;
  const resolve = route.filters.map(filterResolver);
  const messages = new IdentifiedMessages(parts.messageIdTag);
  return (call, reply) => {
    const from = resumeFrom(call.metadata, reliabilityMetadata);
    const key = narrow ? recordKey(call.metadata, idempotencyMetadata) : undefined;
    const filters = narrowed(
      resolve.map((filter) => filter(call)),
      key,
    );
    const query = filters && { topic, from, filters, isolation: "read_committed" as const };
    const plan = { kafka, messages, deadlineMs: call.deadlineMs, counters, limit, failures };
    const exchange = new FetchCall(query ? { ...plan, query } : plan, reply);
    exchange.start();
    return exchange;
  };
};

const filterResolver = ({ key, headers }: FetchFilter): ((call: Call) => Filter) => {
  const resolveKey = key && callerTextResolver(key);
  const resolveHeaders = headers.map(([name, value]) => ({ name, resolve: callerTextResolver(value) }));
  return (call) => ({
    ...(resolveKey ? { key: resolveKey(call) } : {}),
    ...(headers.length > 0 ? { headers: resolveHeaders.map(({ name, resolve }) => ({ name, value: resolve(call) })) } : {}),
  });
};

/** Every filter with the key as well. Undefined when none can hold any more; no filters at all would be everything. */
const narrowed = (filters: readonly Filter[], key: Uint8Array | undefined): readonly Filter[] | undefined => {
  if (key === undefined) return filters;
  if (filters.length === 0) return [{ key }];
  const narrow = filters.filter((filter) => filter.key === undefined || equal(filter.key, key)).map((filter) => ({ ...filter, key }));
  return narrow.length > 0 ? narrow : undefined;
};

interface Found {
  /** As it was sent. */
  readonly name: string;
  readonly value: string;
}

/** A metadata as text or as `-bin`; empty counts as absent. */
const find = (metadata: Metadata, name: string): Found | undefined => {
  const found = metadata.find(([other, value]) => value !== "" && (other === name || other === `${name}-bin`));
  return found && { name: found[0], value: found[1] };
};

/** The record key that the caller wants to be limited to: a binary one decoded. */
const recordKey = (metadata: Metadata, wanted: string): Uint8Array | undefined => {
  const found = find(metadata, wanted);
  if (found === undefined) return undefined;
  const { name, value } = found;
  const key = name === wanted ? valueBytes(value) : fromBase64(value);
  if (key === undefined) throw fail("INVALID_ARGUMENT", `the metadata '${name}' is not base64`);
  return key;
};

/** Both spellings carry base64 text, so it does not matter which one a caller has chosen. */
const resumeFrom = (metadata: Metadata, wanted: string): From => {
  const found = find(metadata, wanted) ?? find(metadata, RELIABILITY_METADATA_DOCUMENTED);
  if (found === undefined) return "earliest";
  const position = decodeMessageId(found.value);
  if (position === undefined) throw fail("INVALID_ARGUMENT", `the metadata '${found.name}' is not a message id`);
  return position;
};
