// The http server: an accepted connection becomes requests, each led by its headers to a route's exit. HTTP/2 by prior knowledge or
// ALPN, HTTP/1.1 beside it where `versions` allows.
import { fail, OK, type Status } from "../../core/status.ts";
import { httpCounters } from "../../http2/counters.ts";
import { Http2Server } from "../../http2/server.ts";
import type { Http2ServerOptions } from "../../http2/server-options.ts";
import type { Connection } from "../../ports/connection.ts";
import type { Http, HttpRequest, HttpResponse } from "../../ports/http.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { crossOrigin, crossOriginResponse } from "./access-control.ts";
import { type HttpServerConfig, server as part } from "./config.ts";
import { Http1Server } from "./http1.ts";
import { type Spoken, spoken } from "./preface.ts";
import { responding, serverLimits, serverNamed } from "./properties.ts";
import { answered, refusal } from "./refusal.ts";
import { router, withPort } from "./route.ts";

export const server: Binding<HttpServerConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["connection"],
  exits: "http",
  parse: part.parse,
  bind: (config, exits, runtime) => bindHttpServer(config, exits, runtime),
};

export const bindHttpServer = (config: HttpServerConfig, exits: Exits, runtime: Runtime): Bound => {
  const bound = new HttpServer(config, exits, runtime);
  return {
    ports: { connection: (connection) => bound.accept(connection) },
    drain: (untilMs) => bound.drain(untilMs),
    close: () => bound.close(),
  };
};

/** What both protocols' connections can do. */
interface Served {
  drain(): void;
  close(): void;
}

class HttpServer {
  readonly #config: HttpServerConfig;
  readonly #runtime: Runtime;
  readonly #service: Http;
  readonly #options: Omit<Http2ServerOptions, "closed">;
  /** Undefined while a connection has not shown its protocol. */
  readonly #connections = new Map<Connection, Served | undefined>();
  #draining = false;
  #drained = (): void => {};

  constructor(config: HttpServerConfig, exits: Exits, runtime: Runtime) {
    const { namespace, name, accessControl, age } = config;
    this.#config = config;
    this.#runtime = runtime;
    const routed = routedService(config, exits, runtime);
    const named = serverNamed(runtime);
    const service = accessControl ? crossOrigin(accessControl, routed) : routed;
    this.#service = named ? responding(named, service) : service;
    const limits = serverLimits(config.limits, runtime);
    this.#options = {
      clock: runtime.clock,
      wheel: runtime.wheel,
      counters: httpCounters(runtime.counters, { namespace, binding: name }),
      streamsMax: limits.streams,
      headerListBytesMax: limits.headerListBytes,
      ...(age && { ageMsMax: age.maxMs, ageGraceMs: age.graceMs }),
      refusal: (request: HttpRequest, status: Status, httpStatus?: number): HttpResponse => {
        const response = refusal(request, status, httpStatus);
        const answer = accessControl ? crossOriginResponse(accessControl, request, response) : response;
        return named ? named(answer) : answer;
      },
      threw: ({ cause }) => runtime.log.error("a request failed", { binding: `${namespace}:${name}` }, cause),
    };
  }

  accept(connection: Connection): void {
    if (this.#draining) throw fail("UNAVAILABLE", "the server is shutting down");
    const { versions } = this.#config;
    const alpn = connection.peer.tls?.alpn ?? "";
    this.#connections.set(connection, undefined);
    if (alpn === "http/1.1" && versions.includes("http/1.1")) this.#serve(connection, "other");
    else spoken(connection.socket, this.#runtime.clock, (found) => this.#serve(connection, found));
  }

  async drain(untilMs: number): Promise<void> {
    this.#draining = true;
    for (const [connection, served] of this.#connections) {
      if (served) served.drain();
      else connection.socket.destroy();
    }
    if (this.#connections.size === 0) return;
    const { clock } = this.#runtime;
    await new Promise<void>((drained) => {
      const late = clock.after(untilMs - clock.now(), () => this.#closeAll());
      this.#drained = () => {
        late.cancel();
        drained();
      };
    });
  }

  async close(): Promise<void> {
    this.#draining = true;
    this.#closeAll();
  }

  #closeAll(): void {
    for (const [connection, served] of this.#connections) {
      if (served) served.close();
      else connection.socket.destroy();
    }
  }

  #serve(connection: Connection, found: Spoken): void {
    const closed = (): void => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#drained();
    };
    const options = { ...this.#options, closed };
    const { versions } = this.#config;
    if (found === "h2" && versions.includes("h2")) {
      this.#connections.set(connection, new Http2Server(connection, this.#service, options));
      return;
    }
    if (found === "other" && versions.includes("http/1.1")) {
      this.#connections.set(connection, new Http1Server(connection, this.#service, options));
      return;
    }
    this.#options.counters.limits.preface.value += 1;
    closed();
    connection.socket.on("error", () => {});
    if (found === "other") connection.socket.end(VERSION_NOT_SUPPORTED, () => connection.socket.destroy());
    else connection.socket.destroy();
  }
}

/** For whoever speaks HTTP/1.1, or anything else, to a port of HTTP/2. */
const VERSION_NOT_SUPPORTED = "HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

const NOT_FOUND = 404;
const BAD_REQUEST = 400;

const routedService = (config: HttpServerConfig, exits: Exits, runtime: Runtime): Http => {
  const { namespace, name, routes, overrides } = config;
  const { events, clock } = runtime;
  const routing = router(routes, overrides, ({ exit }) => exits.of("http", exit));
  const refused = (request: HttpRequest, status: Status, httpStatus: number): HttpResponse => refusal(request, status, httpStatus);
  return (given, reply) => {
    const { method, scheme, path } = given;
    const authority = withPort(given.authority, scheme);
    const request = authority === given.authority ? given : { ...given, authority };
    if (!path.startsWith("/") && !(path === "*" && method === "OPTIONS")) {
      const { status } = fail("INVALID_ARGUMENT", "the path is malformed");
      return answered(() => reply.end(OK, refused(request, status, BAD_REQUEST)));
    }
    const found = routing.find(request);
    if (found === undefined) {
      const { status } = fail("UNIMPLEMENTED", `no route for ${method} ${scheme}://${authority}${path}`);
      return answered(() => reply.end(OK, refused(request, status, NOT_FOUND)));
    }
    if (events.heard) {
      const message = `- ${method} ${scheme}://${authority}${path}`;
      events.emit({ namespace, name, event: "binding.http.request.accepted", message, timeMs: clock.now() });
    }
    return found.target(found.request, reply);
  };
};
