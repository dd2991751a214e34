// Which exit takes a call. What depends on the method alone is decided once a method, so that a call compares only metadata.
import type { MetadataCondition } from "../../config/conditions.ts";
import { matchesMetadata } from "../../exchange/route.ts";
import type { Grpc, Metadata } from "../../ports/grpc.ts";
import type { GrpcCondition } from "./config.ts";

export interface Route {
  readonly to: Grpc;
  /** Any of them may match; none: always. */
  readonly when: readonly GrpcCondition[];
}

/** The routes of one method, in order. `metadata` are alternatives, none of them without conditions; absent: it takes every call. */
export interface MethodRoute {
  readonly to: Grpc;
  readonly metadata?: readonly (readonly MetadataCondition[])[];
}

/** Those of the routes that a call of `service/method` may take. */
export const routesOf = (routes: readonly Route[], service: string, method: string): readonly MethodRoute[] => {
  const name = `${service}/${method}`;
  const taken: MethodRoute[] = [];
  for (const { to, when } of routes) {
    const matching = when.filter((condition) => condition.method?.matches(name) ?? true);
    if (when.length > 0 && matching.length === 0) continue;
    if (when.length === 0 || matching.some(({ metadata }) => metadata.length === 0)) return [...taken, { to }];
    taken.push({ to, metadata: matching.map(({ metadata }) => metadata) });
  }
  return taken;
};

/** The exit of the first route that takes a call with this metadata. */
export const routed = (routes: readonly MethodRoute[], metadata: Metadata): Grpc | undefined => {
  for (const route of routes) {
    if (route.metadata === undefined) return route.to;
    for (const conditions of route.metadata) if (matchesMetadata(metadata, conditions)) return route.to;
  }
  return undefined;
};
