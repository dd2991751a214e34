// `type: grpc, kind: client`: makes gRPC calls as HTTP requests.
import { fail } from "../../core/status.ts";
import type { Call, Grpc } from "../../ports/grpc.ts";
import type { Binding } from "../binding.ts";
import { calling } from "./client-call.ts";
import { type GrpcClientConfig, client as part } from "./config.ts";
import { droppedOnce } from "./dropped.ts";
import { type MethodRoute, type Route, routed, routesOf } from "./routes.ts";

export const client: Binding<GrpcClientConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["grpc"],
  exits: "http",
  parse: part.parse,
  bind(config, exits, { clock, wheel, log }) {
    const parts = { clock, wheel, limits: config.limits, dropped: droppedOnce(log, `${config.namespace}:${config.name}`) };
    const routes = config.routes.map(({ exit, when }) => ({ to: calling(exits.of("http", exit), parts), when }));
    return { ports: { grpc: routing(routes) } };
  },
};

/** Calls may come from a topic and name anything; so many methods are remembered. */
const METHODS_MAX = 1024;

/** Gives each call to the first route that takes it. */
export const routing = (routes: readonly Route[]): Grpc => {
  const known = new Map<string, readonly MethodRoute[]>();
  const lookUp = ({ service, method }: Call): readonly MethodRoute[] => {
    const name = `${service}/${method}`;
    const found = known.get(name);
    if (found) return found;
    checkName(service, name);
    checkName(method, name);
    const taken = routesOf(routes, service, method);
    if (known.size < METHODS_MAX) known.set(name, taken);
    return taken;
  };
  return (call, reply) => {
    const to = routed(lookUp(call), call.metadata);
    if (!to) throw fail("UNIMPLEMENTED", `no route takes this call of '${call.service}/${call.method}'`);
    return to(call, reply);
  };
};

/** A name becomes a piece of a path: it must not be able to be more than that, or to break the request. */
const NAME = /^[A-Za-z0-9_.-]+$/;
const checkName = (part: string, name: string): void => {
  if (!NAME.test(part)) throw fail("UNIMPLEMENTED", `${JSON.stringify(name)} is not the name of a method`);
};
