// The `prometheus` exporter: a listener that answers GET on its paths with the metrics of the whole process.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Counters } from "../core/counters.ts";
import { fail } from "../core/status.ts";

export interface PrometheusEndpoint {
  /** Absent: all interfaces, as the original. */
  readonly host?: string;
  readonly port: number;
  /** Matched as a prefix. */
  readonly path: string;
}

/** A request that takes longer than this to arrive is none of ours. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 64;

/** One listener of the exporter. */
export interface PrometheusListener {
  readonly port: number;
  close(): Promise<void>;
}

const answer = (response: ServerResponse, status: number, body: string, contentType = "text/plain; charset=utf-8"): void => {
  response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
  response.end(response.req.method === "HEAD" ? undefined : body);
};

const respond = (counters: Counters, path: string, request: IncomingMessage, response: ServerResponse): void => {
  if (!(request.url ?? "/").startsWith(path)) answer(response, 404, `not found, the metrics are at ${path}\n`);
  else if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    answer(response, 405, "method not allowed\n");
  } else {
    import("./exposition.ts")
      .then(async ({ exposition, EXPOSITION_CONTENT_TYPE }) => answer(response, 200, await exposition(counters), EXPOSITION_CONTENT_TYPE))
      .catch((reason: unknown) => answer(response, 500, `${String(reason)}\n`));
  }
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Listens; rejects with UNAVAILABLE that names the address when it cannot. Port 0 takes a free one. */
export const listenPrometheus = (counters: Counters, { host, port, path }: PrometheusEndpoint): Promise<PrometheusListener> =>
  new Promise((resolve, reject) => {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => respond(counters, path, request, response));
    server.maxConnections = CONNECTIONS_MAX;
    server.once("error", (reason) => reject(fail("UNAVAILABLE", `cannot listen on ${host ?? "*"}:${port}: ${reason.message}`, reason)));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeAllListeners("error");
      server.on("error", () => {}); // A later error concerns one connection, which Node closes.
      const { port: bound } = server.address() as AddressInfo; // A TCP listener has one.
      resolve({ port: bound, close: () => closed(server) });
    });
  });
