// A route with `capability: produce`: what the records of a call look like, and where its replies are looked for.
import { utf8 } from "../../core/bytes.ts";
import { callerTextResolver } from "../../exchange/caller-text.ts";
import { correlationDigest, correlationId, drawnCorrelationId, idempotencyKey } from "../../exchange/correlation-id.ts";
import { deadlineHeader, NO_MESSAGES_HEADER, ONE_REPLY_HEADER } from "../../exchange/extensions.ts";
import { metadataHeaders } from "../../exchange/metadata.ts";
import type { CorrelationNames } from "../../exchange/names.ts";
import type { Call, Grpc, GrpcReply, GrpcRequests } from "../../ports/grpc.ts";
import type { Filter, Kafka, OwnReplies, ProduceTo, RecordHeader, RecordHeaders, Share } from "../../ports/kafka.ts";
import type { ProduceWith } from "./config.ts";
import { OnewayCall } from "./oneway-call.ts";
import type { ProxyParts } from "./parts.ts";
import { ProduceCall } from "./produce-call.ts";
import type { RequestPlan } from "./request-records.ts";
import { WaitingCall } from "./waiting-call.ts";

export const produceRoute = (route: ProduceWith, kafka: Kafka, parts: ProxyParts): Grpc => {
  const describe = describer(route, parts);
  const { replyTo } = route;
  return replyTo === undefined ? onewayRoute(describe, kafka, parts) : repliedRoute({ ...route, replyTo }, { describe, kafka, parts });
};

interface Described {
  readonly key: Uint8Array;
  readonly to: ProduceTo;
  readonly correlationId: Uint8Array;
  /** Whether the caller chose the id. */
  readonly chosen: boolean;
  readonly overrides: RecordHeaders;
  readonly metadata: RecordHeaders;
}
/** What says where an id leads: see `drawnCorrelationId`. */
type Reads = (hash: number) => boolean;
type Describe = (call: Call, reads?: Reads) => Described;

const describer = (route: ProduceWith, parts: ProxyParts): Describe => {
  const { topic, acks } = route;
  const key = route.key && callerTextResolver(route.key);
  const resolve = overridesResolver(route);
  const digest = digester(route, parts);
  const named = new Set(route.metadata);
  const endless: ProduceTo = { topic, acks };
  return (call, reads) => {
    const { metadata, deadlineMs } = call;
    const overrides = resolve(call);
    const chosen = idempotencyKey(metadata, parts.idempotencyMetadata);
    const ending = digest(call, overrides);
    const id = chosen === undefined && reads ? drawnCorrelationId(ending, reads) : correlationId(chosen, ending);
    return {
      key: key ? key(call) : id,
      to: deadlineMs === Number.POSITIVE_INFINITY ? endless : { topic, acks, expiresMs: deadlineMs },
      correlationId: id,
      chosen: chosen !== undefined,
      overrides,
      metadata: metadataHeaders(metadata, named),
    };
  };
};

type Override = RecordHeader & { readonly value: Uint8Array };

/** The same array for every call, when no override depends on who calls. */
const overridesResolver = ({ overrides }: ProduceWith): ((call: Call) => readonly Override[]) => {
  const resolvers = overrides.map(([name, value]) => ({ name, resolve: callerTextResolver(value) }));
  const resolved = (call: Pick<Call, "sessions">): readonly Override[] =>
    resolvers.map(({ name, resolve }) => ({ name, value: resolve(call) }));
  if (overrides.some(([, { kind }]) => kind !== "literal")) return resolved;
  const same = resolved({});
  return () => same;
};

/** Callers may name any method where no proto tells them apart, so no more methods than these are known. */
const METHODS_MAX = 1_000;

/** What `make` gives is the same for all calls of a method, and made once. */
const perMethod = <T>(make: (call: Call) => T): ((call: Call) => T) => {
  const known = new Map<string, Map<string, T>>();
  let size = 0;
  return (call) => {
    const { service, method } = call;
    const found = known.get(service)?.get(method);
    if (found !== undefined) return found;
    if (size === METHODS_MAX) known.clear();
    size = size === METHODS_MAX ? 1 : size + 1;
    const methods = known.get(service) ?? new Map<string, T>();
    const made = make(call);
    known.set(service, methods.set(method, made));
    return made;
  };
};

/** Computed once a method, when the overrides are always the same. */
const digester = ({ replyTo, overrides: texts }: ProduceWith, { names }: ProxyParts) => {
  const compute = ({ service, method }: Call, overrides: readonly Override[]): string => {
    const values = overrides.map(({ value }) => value);
    return correlationDigest({ names, service, method, overrides: values, ...(replyTo === undefined ? {} : { replyTo }) });
  };
  if (texts.some(([, { kind }]) => kind !== "literal")) return compute;
  let same: readonly Override[] = [];
  const computed = perMethod((call) => compute(call, same));
  return (call: Call, overrides: readonly Override[]): string => {
    same = overrides;
    return computed(call);
  };
};

/** Without correlation there is nothing that a reader could tell an end by, so neither tombstones nor our own headers are written. */
const onewayRoute =
  (describe: Describe, kafka: Kafka, { counters, limit, failures }: ProxyParts): Grpc =>
  (call, reply) => {
    const { key, to, overrides, metadata } = describe(call);
    const headers = [...overrides, ...metadata];
    const requests: RequestPlan = { kafka, to, key, headers, emptyHeader: undefined, cancels: undefined, tombstone: false, counters };
    return new OnewayCall({ requests, deadlineMs: call.deadlineMs, limit, failures }, reply);
  };

type RepliedWith = ProduceWith & { readonly replyTo: string };

interface Replied {
  readonly describe: Describe;
  readonly kafka: Kafka;
  readonly parts: ProxyParts;
}

const repliedRoute = (route: RepliedWith, replied: Replied): Grpc => {
  const { kafka, parts } = replied;
  const share = route.replies === "own" ? parts.share : undefined;
  const own = share && kafka.ownReplies?.(route.replyTo, share);
  const open = repliedCall(route, replied, own && share);
  return own ? drawnRoute(open, own, { topic: route.replyTo, parts }) : open;
};

/** Draws ids that lead to what is read. A caller's own id leads where it does, and that is read too then. */
const drawnRoute = (
  open: (call: Call, reply: GrpcReply, reads?: Reads) => GrpcRequests,
  own: OwnReplies,
  { topic, parts }: { readonly topic: string; readonly parts: ProxyParts },
): Grpc => {
  const { limit, failures, idempotencyMetadata } = parts;
  return (call, reply) => {
    const { reads } = own;
    if (reads || idempotencyKey(call.metadata, idempotencyMetadata) !== undefined) return open(call, reply, reads);
    const begin = (waited: GrpcReply): GrpcRequests => open(call, waited, own.reads);
    return new WaitingCall({ own, topic, begin, deadlineMs: call.deadlineMs, limit, failures }, reply).start();
  };
};

const repliedCall = (route: RepliedWith, { describe, kafka, parts }: Replied, share: Share | undefined) => {
  const { names, counters, keyed, limit, failures } = parts;
  const { extensions, replyTo } = route;
  const headersOf = requestHeaders(route, names);
  const emptyHeader = extensions ? NO_MESSAGES_HEADER : undefined;
  return (call: Call, reply: GrpcReply, reads?: Reads): GrpcRequests => {
    const described = describe(call, reads);
    const { key, to, correlationId: id, chosen } = described;
    const headers = headersOf(call, described);
    const exchange = new ProduceCall(
      {
        requests: { kafka, to, key, headers, emptyHeader, cancels: extensions ? id : undefined, tombstone: true, counters },
        answer: { reply, oneReply: hasOneReply(call), counters },
        query: {
          topic: replyTo,
          from: chosen ? "earliest" : "latest",
          filters: NO_FILTERS,
          isolation: "read_committed",
          correlated: { name: names.correlationId, value: id },
          share,
        },
        correlationId: id,
        keyed: chosen ? keyed : undefined,
        deadlineMs: call.deadlineMs,
        limit,
        failures,
      },
      reply,
    );
    exchange.start();
    return exchange;
  };
};

const requestHeaders = ({ extensions, replyTo }: RepliedWith, names: CorrelationNames) => {
  const replyToHeader: RecordHeader = { name: names.replyTo, value: utf8(replyTo) };
  const ofMethod = perMethod(
    (call): RecordHeaders => [
      { name: names.service, value: utf8(call.service) },
      { name: names.method, value: utf8(call.method) },
      replyToHeader,
    ],
  );
  return (call: Call, { overrides, correlationId: value, metadata }: Described): RecordHeaders => {
    const id = { name: names.correlationId, value };
    return overrides.concat(ofMethod(call), id, metadata, extensions ? extensionHeaders(call) : NO_HEADERS);
  };
};

/** Unknown shapes count as streams: of those nothing is assumed. */
const hasOneReply = ({ descriptor }: Call): boolean => descriptor?.responseStream === false;

const NO_HEADERS: RecordHeaders = [];
const NO_FILTERS: readonly Filter[] = [];
const ONE_REPLY_HEADERS: RecordHeaders = [ONE_REPLY_HEADER];

/** Last in the list and only when needed, so that all before them is the original's. */
const extensionHeaders = (call: Call): RecordHeaders => {
  if (call.deadlineMs === Number.POSITIVE_INFINITY) return hasOneReply(call) ? ONE_REPLY_HEADERS : NO_HEADERS;
  const deadline = deadlineHeader(call.deadlineMs);
  return hasOneReply(call) ? [deadline, ONE_REPLY_HEADER] : [deadline];
};
