// The grpc-kafka proxy: hands each call to the first route that takes it, which turns it into records or answers it from a topic.
import { fail } from "../../core/status.ts";
import { messageIdTag } from "../../exchange/message-id.ts";
import { matchesCall } from "../../exchange/route.ts";
import type { Grpc } from "../../ports/grpc.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { type GrpcKafkaProxyConfig, type GrpcKafkaRoute, proxy as part } from "./config.ts";
import { proxyCounters } from "./counters.ts";
import { failuresOf } from "./failures.ts";
import { fetchRoute } from "./fetch.ts";
import { KeyedCalls } from "./keyed-calls.ts";
import type { ProxyParts } from "./parts.ts";
import { KAFKA_TIMEOUT_MS, KAFKA_TIMEOUT_PROPERTY } from "./patience.ts";
import { produceRoute } from "./produce.ts";

export const proxy: Binding<GrpcKafkaProxyConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["grpc"],
  exits: "kafka",
  parse: part.parse,
  bind: (config, exits, runtime) => bindProxy(config, exits, runtime),
};

const bindProxy = (config: GrpcKafkaProxyConfig, exits: Exits, runtime: Runtime): Bound => {
  const parts = partsOf(config, runtime);
  const routes = config.routes.map((route) => ({ when: route.when, open: routeOf(route, exits, parts) }));
  const grpc: Grpc = (call, reply) => {
    for (const { when, open } of routes) if (matchesCall(call, when)) return open(call, reply);
    throw fail("UNIMPLEMENTED", `no route takes ${call.service}/${call.method}`);
  };
  return { ports: { grpc } };
};

const routeOf = (route: GrpcKafkaRoute, exits: Exits, parts: ProxyParts): Grpc => {
  const kafka = exits.of("kafka", route.exit);
  return route.with.capability === "produce" ? produceRoute(route.with, kafka, parts) : fetchRoute(route.with, kafka, parts);
};

const partsOf = (config: GrpcKafkaProxyConfig, runtime: Runtime): ProxyParts => {
  const { wheel, clock, log, counters } = runtime;
  const timeoutMs = timeoutOf(runtime.property(KAFKA_TIMEOUT_PROPERTY));
  return {
    names: config.correlation,
    idempotencyMetadata: config.idempotency.metadata,
    reliabilityMetadata: config.reliability.metadata,
    messageIdTag: messageIdTag(config.reliability.field),
    counters: proxyCounters(counters, config),
    failures: failuresOf(log, clock, timeoutMs),
    keyed: new KeyedCalls(),
    limit: { wheel, clock, timeoutMs },
  };
};

/** A number that makes no sense is as good as none. */
const timeoutOf = (value: string | undefined): number => {
  const timeoutMs = Number(value ?? KAFKA_TIMEOUT_MS);
  return timeoutMs > 0 ? timeoutMs : KAFKA_TIMEOUT_MS;
};
