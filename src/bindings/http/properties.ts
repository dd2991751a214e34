// What engine properties say for all http bindings at once; where the options of one binding say something of their own, they win.
import type { Http, HttpReply, HttpResponse } from "../../ports/http.ts";
import type { Runtime } from "../binding.ts";
import { HTTP_LIMITS, type HttpLimits } from "./config.ts";

const STREAMS = "zilla.binding.http.concurrent.streams";
const HEADER_LIST = "zilla.binding.http.max.header.list.size";
const CONNECTIONS = "zilla.binding.http.maximum.connections";
const SERVER = "zilla.binding.http.server.header";
const USER_AGENT = "zilla.binding.http.user.agent.header";

/** HTTP/2 carries both limits as 32 bits (RFC 9113 §6.5.2). */
const COUNT_MAX = 2 ** 32 - 1;

const countOf = (runtime: Runtime, name: string): number | undefined => {
  const found = runtime.property(name);
  if (found === undefined) return undefined;
  const count = Number(found);
  if (found.trim() !== "" && Number.isInteger(count) && count > 0 && count <= COUNT_MAX) return count;
  runtime.log.warn(`${name} is no number from 1 to ${COUNT_MAX}; it has no effect`, { found });
  return undefined;
};

/** Of an http server. */
export const serverLimits = (limits: HttpLimits, runtime: Runtime): HttpLimits => ({
  streams: limits.streams === HTTP_LIMITS.streams ? (countOf(runtime, STREAMS) ?? limits.streams) : limits.streams,
  headerListBytes: headerListBytes(limits, runtime),
});

/** Of an http client: how many streams there may be its servers say. */
export const clientLimits = (limits: HttpLimits, runtime: Runtime): HttpLimits => ({
  streams: limits.streams,
  headerListBytes: headerListBytes(limits, runtime),
});

const headerListBytes = ({ headerListBytes: own }: HttpLimits, runtime: Runtime): number =>
  own === HTTP_LIMITS.headerListBytes ? (countOf(runtime, HEADER_LIST) ?? own) : own;

/** To one origin. */
export const connectionsMax = (otherwise: number, runtime: Runtime): number => countOf(runtime, CONNECTIONS) ?? otherwise;

/** Responses say what the server is, where they do not say so themselves. */
export const serverNamed = (runtime: Runtime): ((response: HttpResponse) => HttpResponse) | undefined => {
  const value = textOf(runtime, SERVER);
  if (value === undefined) return undefined;
  return (response) => {
    if (response.status === undefined || response.headers.some(([name]) => name === "server")) return response;
    return { ...response, headers: [...response.headers, ["server", value]] };
  };
};

/** A service whose responses go through that. */
export const responding =
  (named: (response: HttpResponse) => HttpResponse, service: Http): Http =>
  (request, reply) =>
    service(request, new NamedReply(named, reply));

class NamedReply implements HttpReply {
  readonly #named: (response: HttpResponse) => HttpResponse;
  readonly #reply: HttpReply;

  constructor(named: (response: HttpResponse) => HttpResponse, reply: HttpReply) {
    this.#named = named;
    this.#reply = reply;
  }

  headers(response: HttpResponse): void {
    this.#reply.headers(this.#named(response));
  }
  write(batch: Parameters<HttpReply["write"]>[0]): boolean {
    return this.#reply.write(batch);
  }
  end(...[status, trailers]: Parameters<HttpReply["end"]>): void {
    this.#reply.end(status, trailers && this.#named(trailers));
  }
  ready(): void {
    this.#reply.ready();
  }
}

/** Requests say who asks, where they do not say so themselves. */
export const userAgentNamed = (runtime: Runtime, service: Http): Http => {
  const value = textOf(runtime, USER_AGENT);
  if (value === undefined) return service;
  return (request, reply) => {
    if (request.headers.some(([name]) => name === "user-agent")) return service(request, reply);
    return service({ ...request, headers: [...request.headers, ["user-agent", value]] }, reply);
  };
};

/** Printable ASCII, without which it would be no header (RFC 9110 §5.5). */
const textOf = (runtime: Runtime, name: string): string | undefined => {
  const found = runtime.property(name)?.trim();
  if (found === undefined || found === "") return undefined;
  if (/^[ -~]+$/.test(found)) return found;
  runtime.log.warn(`${name} has characters that no header may have; it has no effect`);
  return undefined;
};
