// Fetch routes and what a proxy asks of Kafka for them.
import type { FetchWith, GrpcKafkaRoute } from "../../../src/bindings/grpc-kafka/config.ts";
import { buffer } from "../../../src/core/bytes.ts";
import type { FetchQuery } from "../../../src/ports/kafka.ts";
import { proxyOf, type Rig, type RigSetting } from "./proxy-kit.ts";

export const EMPTY = new Uint8Array(0);
export const hexOf = (bytes: Uint8Array): string => buffer(bytes).toString("hex");

/** One route for everything: all records of `responses`. */
export const fetchRoute = (changes: Partial<FetchWith> = {}): GrpcKafkaRoute => ({
  exit: "kafka0",
  when: [],
  with: { capability: "fetch", topic: "responses", filters: [], narrow: true, ...changes },
});

/** A proxy, and the queries that it fetched with. */
export const fetching = (
  routes: readonly GrpcKafkaRoute[],
  setting: RigSetting = {},
): Rig & { readonly queries: readonly FetchQuery[] } => {
  const proxy = proxyOf(routes, setting);
  const queries: FetchQuery[] = [];
  proxy.kafka.refuseFetch = (query) => {
    queries.push(query);
    return undefined;
  };
  return { ...proxy, queries };
};
