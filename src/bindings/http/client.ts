// The http client: requests to the origin that they name, over HTTP/2 by prior knowledge or ALPN.
import { ConfigError } from "../../config/place.ts";
import { fail, type Status, StatusError } from "../../core/status.ts";
import { httpCounters } from "../../http2/counters.ts";
import type { Address, Connector } from "../../ports/connection.ts";
import type { HttpReply, HttpRequest, HttpRequests } from "../../ports/http.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { type HttpClientConfig, client as part } from "./config.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { clientLimits, connectionsMax, userAgentNamed } from "./properties.ts";
import { type Router, router, withPort } from "./route.ts";

/** Connections to one origin; `-P zilla.binding.http.maximum.connections` sets another. */
export const CONNECTIONS_MAX = 10;
/** Origins with a pool at a time. */
export const ORIGINS_MAX = 1_000;

export const client: Binding<HttpClientConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["http"],
  exits: "connector",
  parse: part.parse,
  bind: (config, exits, runtime) => bindHttpClient(config, exits, runtime),
};

export const bindHttpClient = (config: HttpClientConfig, exits: Exits, runtime: Runtime): Bound => {
  if (!config.versions.includes("h2"))
    throw new ConfigError(config.place, "found versions without h2, but an http client speaks HTTP/2 only");
  const bound = new HttpClient(config, exits, runtime);
  return {
    ports: { http: userAgentNamed(runtime, (request, reply) => bound.request(request, reply)) },
    drain: (untilMs) => bound.drain(untilMs),
    close: () => bound.close(),
  };
};

const SHUTTING_DOWN: Status = { ...fail("UNAVAILABLE", "the client is shutting down").status, unprocessed: true };

class HttpClient {
  readonly #config: HttpClientConfig;
  readonly #runtime: Runtime;
  readonly #routing: Router<Exit>;
  readonly #options: PoolOptions;
  readonly #exits = new Map<string, Exit>();
  #draining = false;
  #drained = (): void => {};

  constructor(config: HttpClientConfig, exits: Exits, runtime: Runtime) {
    const { namespace, name, routes, overrides } = config;
    const limits = clientLimits(config.limits, runtime);
    this.#config = config;
    this.#runtime = runtime;
    this.#routing = router(routes, overrides, ({ exit }) => this.#exitOf(exit, exits));
    this.#options = {
      clock: runtime.clock,
      wheel: runtime.wheel,
      counters: httpCounters(runtime.counters, { namespace, binding: name }),
      streamsMax: limits.streams,
      headerListBytesMax: limits.headerListBytes,
      connectionsMax: connectionsMax(CONNECTIONS_MAX, runtime),
      idle: () => this.#idle(),
      threw: ({ cause }) => runtime.log.error("a connection failed", { binding: `${namespace}:${name}` }, cause),
    };
  }

  request(given: HttpRequest, reply: HttpReply): HttpRequests {
    if (this.#draining) throw new StatusError(SHUTTING_DOWN);
    const found = this.#routing.find({ ...given, authority: withPort(given.authority, given.scheme) });
    if (found === undefined) throw fail("UNIMPLEMENTED", `http '${this.#config.name}' has no route for ${given.authority}${given.path}`);
    const { authority } = found.request;
    return this.#poolOf(found.target, authority).request(asGiven(found.request, given), reply);
  }

  async drain(untilMs: number): Promise<void> {
    this.#draining = true;
    for (const pool of this.#pools()) pool.refuse(SHUTTING_DOWN);
    if (this.#streams() > 0) {
      const { clock } = this.#runtime;
      await new Promise<void>((drained) => {
        const late = clock.after(Math.max(0, untilMs - clock.now()), () => this.#closeAll());
        this.#drained = () => {
          late.cancel();
          drained();
        };
      });
    }
    this.#closeAll();
  }

  async close(): Promise<void> {
    this.#draining = true;
    this.#closeAll();
  }

  #closeAll(): void {
    for (const pool of this.#pools()) pool.close(SHUTTING_DOWN);
  }

  #streams(): number {
    let streams = 0;
    for (const pool of this.#pools()) streams += pool.streams;
    return streams;
  }

  #idle(): void {
    if (this.#draining && this.#streams() === 0) this.#drained();
  }

  *#pools(): Iterable<Pool> {
    for (const { pools } of this.#exits.values()) yield* pools.values();
  }

  /** One an exit, however many routes lead there. */
  #exitOf(name: string, exits: Exits): Exit {
    const known = this.#exits.get(name);
    if (known) return known;
    const exit = { connector: exits.of("connector", name), pools: new Map<string, Pool>() };
    this.#exits.set(name, exit);
    return exit;
  }

  #poolOf({ connector, pools }: Exit, authority: string): Pool {
    const known = pools.get(authority);
    if (known) return known;
    if (pools.size >= ORIGINS_MAX) forget(pools);
    const pool = new Pool(addressOf(authority), connector, this.#options);
    pools.set(authority, pool);
    return pool;
  }
}

/** What a route leads to, with a pool for each authority. */
interface Exit {
  readonly connector: Connector;
  readonly pools: Map<string, Pool>;
}

const forget = (pools: Map<string, Pool>): void => {
  for (const [authority, pool] of pools) if (pool.unused) pools.delete(authority);
  if (pools.size >= ORIGINS_MAX) throw fail("RESOURCE_EXHAUSTED", `more than ${ORIGINS_MAX} origins are in use`);
};

/** The port that routing added is not sent. */
const asGiven = (routed: HttpRequest, { authority, scheme }: HttpRequest): HttpRequest =>
  routed.authority === withPort(authority, scheme) ? { ...routed, authority } : routed;

/** `host:port`, `[::1]:port`; nothing: what the connector is configured with. */
const addressOf = (authority: string): Address => {
  const at = authority.lastIndexOf(":");
  if (at < 0) return { host: "", port: 0 };
  return { host: authority.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(authority.slice(at + 1)) };
};
