// `type: grpc, kind: server`: takes gRPC calls out of HTTP requests.
import { hint } from "../../config/nearest.ts";
import { ConfigError } from "../../config/place.ts";
import type { Http, HttpReply } from "../../ports/http.ts";
import { IGNORED } from "../../ports/service.ts";
import type { SubjectUse } from "../../resources/catalog/config.ts";
import type { Catalog, Services } from "../../resources/catalog.ts";
import type { Binding, Runtime } from "../binding.ts";
import { accept, type Refused } from "./accept.ts";
import { type GrpcServerConfig, server as part } from "./config.ts";
import { droppedOnce } from "./dropped.ts";
import { Methods, type Subject } from "./methods.ts";
import { type CallParts, endUnbegun, ServerCall } from "./server-call.ts";
import { ServerRequests } from "./server-requests.ts";

export const server: Binding<GrpcServerConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["http"],
  exits: "grpc",
  parse: part.parse,
  bind(config, exits, runtime) {
    const { clock, wheel, log } = runtime;
    const binding = `${config.namespace}:${config.name}`;
    const routes = config.routes.map(({ exit, when }) => ({ to: exits.of("grpc", exit), when }));
    const methods = new Methods({ subjects: subjectsOf(config.subjects, runtime), routes, clock, log });
    const parts = { wheel, log, binding, limits: config.limits, dropped: droppedOnce(log, binding) };
    return { ports: { http: served(methods, parts, () => clock.now()) } };
  },
};

/** gRPC over HTTP: what is a call goes to its route, the rest is refused. */
export const served =
  (methods: Methods, parts: CallParts, now: () => number): Http =>
  (request, reply) => {
    const accepted = accept(request, { methods, nowMs: now() });
    if (!("call" in accepted)) {
      process.nextTick(refuse, reply, accepted); // Not here: the reply is not to be touched before this has returned.
      return IGNORED;
    }
    const call = new ServerCall(parts, accepted, reply);
    call.open();
    return new ServerRequests(call, accepted, parts.limits);
  };

const refuse = (reply: HttpReply, refused: Refused): void => endUnbegun(reply, refused);

const subjectsOf = (uses: readonly SubjectUse[], runtime: Runtime): readonly Subject[] => {
  const catalogs = new Map<string, Catalog>();
  return uses.map((use) => {
    const catalog = catalogs.get(use.catalog) ?? runtime.catalog(use.catalog);
    catalogs.set(use.catalog, catalog);
    return () => servicesOf(catalog, use);
  });
};

const servicesOf = (catalog: Catalog, { subject, version, place }: SubjectUse): Services => {
  const services = catalog.services(subject, version);
  if (services) return services;
  const what = catalog.subjects.includes(subject) ? `the version '${version}' of '${subject}'` : `'${subject}'`;
  throw new ConfigError(place, `found ${what}, but the catalog has no such subject${hint(subject, catalog.subjects)}`);
};
