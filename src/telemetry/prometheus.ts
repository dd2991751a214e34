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

/** What is counted by now. */
export type CountersSource = () => Counters | Promise<Counters>;

/** One listener of the exporter. */
export interface PrometheusListener {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
}

const answer = (response: ServerResponse, { status, body, contentType = "text/plain; charset=utf-8" }: Answer): void => {
  response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
  response.end(response.req.method === "HEAD" ? undefined : body);
};

interface Served {
  readonly counters: CountersSource;
  readonly path: string;
}

const respond = (request: IncomingMessage, response: ServerResponse, { counters, path }: Served): void => {
  if (!(request.url ?? "/").startsWith(path)) answer(response, { status: 404, body: `not found, the metrics are at ${path}\n` });
  else if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    answer(response, { status: 405, body: "method not allowed\n" });
  } else {
    import("./exposition.ts")
      .then(async ({ exposition, EXPOSITION_CONTENT_TYPE }) =>
        answer(response, { status: 200, body: await exposition(await counters()), contentType: EXPOSITION_CONTENT_TYPE }),
      )
      .catch((reason: unknown) => answer(response, { status: 500, body: `${String(reason)}\n` }));
  }
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Listens; rejects with UNAVAILABLE that names the address when it cannot. Port 0 takes a free one. */
export const listenPrometheus = (counters: CountersSource, { host, port, path }: PrometheusEndpoint): Promise<PrometheusListener> =>
  new Promise((resolve, reject) => {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) =>
      respond(request, response, { counters, path }),
    );
    server.maxConnections = CONNECTIONS_MAX;
    server.once("error", (reason) => reject(fail("UNAVAILABLE", `cannot listen on ${host ?? "*"}:${port}: ${reason.message}`, reason)));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeAllListeners("error");
      server.on("error", () => {}); // A later error concerns one connection, which Node closes.
      const { port: bound } = server.address() as AddressInfo; // A TCP listener has one.
      resolve({ port: bound, close: () => closed(server) });
    });
  });
