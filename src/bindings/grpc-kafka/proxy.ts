// The grpc-kafka proxy: hands each call to the first route that takes it, which turns it into records or answers it from a topic.
import { fail } from "../../core/status.ts";
import { messageIdTag } from "../../exchange/message-id.ts";
import { matchesCall } from "../../exchange/route.ts";
import type { Grpc } from "../../ports/grpc.ts";
import type { Kafka } from "../../ports/kafka.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { type GrpcKafkaProxyConfig, type GrpcKafkaRoute, proxy as part } from "./config.ts";
import { proxyCounters } from "./counters.ts";
import { failuresOf } from "./failures.ts";
import { fetchRoute } from "./fetch.ts";
import { KeyedCalls } from "./keyed-calls.ts";
import type { ProxyParts } from "./parts.ts";
import { KAFKA_TIMEOUT_MS } from "./patience.ts";
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
  const binding: BindingParts = { counters: proxyCounters(runtime.counters, config), keyed: new KeyedCalls() };
  const routes = config.routes.map((route) => {
    const kafka = exits.of("kafka", route.exit);
    return { when: route.when, open: routeOf(route, kafka, partsOf(config, { runtime, kafka, binding })) };
  });
  const grpc: Grpc = (call, reply) => {
    for (const { when, open } of routes) if (matchesCall(call, when)) return open(call, reply);
    throw fail("UNIMPLEMENTED", `no route takes ${call.service}/${call.method}`);
  };
  return { ports: { grpc } };
};

const routeOf = ({ with: form }: GrpcKafkaRoute, kafka: Kafka, parts: ProxyParts): Grpc =>
  form.capability === "produce" ? produceRoute(form, kafka, parts) : fetchRoute(form, kafka, parts);

type BindingParts = Pick<ProxyParts, "counters" | "keyed">;

interface Around {
  readonly runtime: Runtime;
  /** What the route exits to. */
  readonly kafka: Kafka;
  readonly binding: BindingParts;
}

const partsOf = (config: GrpcKafkaProxyConfig, { runtime, kafka, binding }: Around): ProxyParts => {
  const { wheel, clock, log, share } = runtime;
  const { timeoutMs = KAFKA_TIMEOUT_MS } = kafka;
  return {
    ...binding,
    names: config.correlation,
    idempotencyMetadata: config.idempotency.metadata,
    reliabilityMetadata: config.reliability.metadata,
    messageIdTag: messageIdTag(config.reliability.field),
    failures: failuresOf(log, clock, timeoutMs),
    limit: { wheel, clock, timeoutMs },
    ...(share && { share }),
  };
};
