// What the http bindings are configured with.
import { exitOf } from "../../config/conditions.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema } from "../../config/part.ts";
import type { Place } from "../../config/place.ts";
import { duration, flag, integer, list, mapOf, object, oneOf, ours, type Schema, size, text } from "../../config/schema.ts";
import { durationMs, sizeBytes } from "../../config/units.ts";
import { HTTP_AUTHORIZATION } from "../../resources/guard/config.ts";
import { HTTP_REQUESTS } from "../../resources/model/config.ts";

export type HttpVersion = "http/1.1" | "h2";

/** Name in lower case and value. */
export type Override = readonly [name: string, value: string];

/** Patterns by header name in lower case, pseudo headers among them; all must match. */
export interface HttpCondition {
  readonly headers: readonly (readonly [name: string, pattern: string])[];
}

export interface HttpRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: always. */
  readonly when: readonly HttpCondition[];
  /** Server: `with.headers.overrides`; values may use `${params.x}`. */
  readonly overrides: readonly Override[];
}

/** `policy: cross-origin`. An absent list allows any. */
export interface AccessControl {
  readonly origins?: readonly string[];
  readonly methods?: readonly string[];
  readonly headers?: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds?: number;
  /** Absent: `*`. */
  readonly expose?: readonly string[];
}

/** What a connection may take. */
export interface HttpLimits {
  /** Streams at a time on one connection. */
  readonly streams: number;
  /** A header list, names and values with 32 bytes each (RFC 9113 §6.5.2). */
  readonly headerListBytes: number;
}

export const HTTP_LIMITS: HttpLimits = { streams: 1000, headerListBytes: 16 * 1024 };

interface HttpConfig {
  readonly namespace: string;
  readonly name: string;
  readonly place: Place;
  /** Both when the file says nothing. */
  readonly versions: readonly HttpVersion[];
  readonly limits: HttpLimits;
  /** `options.overrides`. */
  readonly overrides: readonly Override[];
  /** The binding's own exit is the last of them. */
  readonly routes: readonly HttpRoute[];
}

/** How old a connection may become, and how long the calls of one that is too old may still take. */
export interface ConnectionAge {
  readonly maxMs: number;
  readonly graceMs: number;
}
/** `options.limits.connection-age-grace`, where the file says nothing. */
export const CONNECTION_AGE_GRACE_MS = 30_000;

export interface HttpServerConfig extends HttpConfig {
  /** Absent: as old as its client likes. */
  readonly age?: ConnectionAge;
  /** Absent: `same-origin`, nothing is done. */
  readonly accessControl?: AccessControl;
}

export interface HttpClientConfig extends HttpConfig {}

const VERSIONS: readonly HttpVersion[] = ["http/1.1", "h2"];

const HEADERS: Schema = object("All of these must hold", {
  headers: mapOf(
    "Headers that the request must have; ':path' and other pseudo headers too",
    text("What the header must be; '*' for any characters"),
  ),
});
const OVERRIDES: Schema = mapOf("Headers that are set or replaced", text("The value"));
const CONNECTION_LIMITS = {
  streams: ours(HTTP_LIMITS.streams, integer("Streams at a time on one connection", { minimum: 1, maximum: 0x7fffffff })),
  "header-list": ours("16KiB", size("The headers of one request or response")),
};
const LIMITS: Schema = ours(undefined, object("What one connection may take", CONNECTION_LIMITS));
const SERVER_LIMITS: Schema = ours(
  undefined,
  object("What one connection may take", {
    ...CONNECTION_LIMITS,
    "connection-age": ours(undefined, duration("How old a connection may become; then its client is asked to open another")),
    "connection-age-grace": ours("30s", duration("How long the calls of a connection that is too old may still take")),
  }),
);

const ACCESS_CONTROL: Schema = object("Which web pages may ask", {
  policy: oneOf("Whether pages of other origins may ask", ["same-origin", "cross-origin"]),
  allow: object("What they may ask", {
    origins: list("From where", text("An origin")),
    methods: list("With which methods", text("A method")),
    headers: list("With which headers", text("A header")),
    credentials: flag("Whether with credentials", { default: false }),
  }),
  "max-age": integer("Seconds for which the browser may remember the answer", { minimum: 0 }),
  expose: object("What they may see", { headers: list("Headers of the response", text("A header")) }),
});

const COMMON = {
  versions: list("Which versions of HTTP", oneOf("A version", VERSIONS), { minItems: 1 }),
  authorization: HTTP_AUTHORIZATION,
  overrides: OVERRIDES,
  requests: HTTP_REQUESTS,
  limits: LIMITS,
};

const overridesOf = (value: Value): readonly Override[] => value.entries().map(([name, each]) => [name.toLowerCase(), each.string() ?? ""]);

const routeOf = (route: RouteNode): HttpRoute => ({
  exit: exitOf(route),
  when: route.when.map((condition) => ({ headers: overridesOf(condition.at("headers")) })),
  overrides: overridesOf(route.with.at("headers", "overrides")),
});

const common = (node: BindingNode): HttpConfig => {
  const options = node.at("options");
  const named = options.at("versions").strings();
  const limits = options.at("limits");
  return {
    namespace: node.namespace,
    name: node.name,
    place: options.keyPlace,
    versions: named.length > 0 ? VERSIONS.filter((version) => named.includes(version)) : VERSIONS,
    limits: {
      streams: limits.at("streams").number() ?? HTTP_LIMITS.streams,
      headerListBytes: sizeBytes(limits.at("header-list"), HTTP_LIMITS.headerListBytes),
    },
    overrides: overridesOf(options.at("overrides")),
    routes: node.routes.map(routeOf),
  };
};

const accessControlOf = (value: Value): AccessControl => {
  const allow = value.at("allow");
  const maxAgeSeconds = value.at("max-age").number();
  const expose = value.at("expose", "headers");
  return {
    ...(allow.at("origins").present ? { origins: allow.at("origins").strings() } : {}),
    ...(allow.at("methods").present ? { methods: allow.at("methods").strings() } : {}),
    ...(allow.at("headers").present ? { headers: allow.at("headers").strings() } : {}),
    credentials: allow.at("credentials").boolean() ?? false,
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(expose.present ? { expose: expose.strings() } : {}),
  };
};

const parseServer = (node: BindingNode): HttpServerConfig => {
  const control = node.at("options", "access-control");
  const limits = node.at("options", "limits");
  const maxMs = durationMs(limits.at("connection-age"), 0);
  return {
    ...common(node),
    ...(maxMs > 0 && { age: { maxMs, graceMs: durationMs(limits.at("connection-age-grace"), CONNECTION_AGE_GRACE_MS) } }),
    ...(control.at("policy").string() === "cross-origin" && { accessControl: accessControlOf(control) }),
  };
};

export const server: BindingPart<HttpServerConfig> = {
  type: "http",
  kind: "server",
  schema: bindingSchema({
    type: "http",
    kind: "server",
    description: "Takes HTTP requests",
    options: object("How HTTP is spoken", { ...COMMON, limits: SERVER_LIMITS, "access-control": ACCESS_CONTROL }),
    route: {
      when: HEADERS,
      with: object("What is changed on this route", { headers: object("Of the headers", { overrides: OVERRIDES }) }),
    },
  }),
  parse: parseServer,
};

export const client: BindingPart<HttpClientConfig> = {
  type: "http",
  kind: "client",
  schema: bindingSchema({
    type: "http",
    kind: "client",
    description: "Makes HTTP requests",
    options: object("How HTTP is spoken", COMMON),
    route: { when: HEADERS },
  }),
  parse: common,
};
