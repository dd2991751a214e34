// The broker's listener: accepts connections within its limits.
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Handler } from "../api.ts";
import type { Broker } from "../broker.ts";
import { Budget } from "./budget.ts";
import { ClientConnection, type Serving } from "./connection.ts";
import { CONNECTIONS_MAX, REFUSALS_SAID_EVERY_MS } from "./limits.ts";

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Closes the listener and every connection. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly authenticate: boolean;
}

/** Rejects when the address cannot be listened on. */
export const listen = (broker: Broker, handlers: readonly Handler[], { host, port, authenticate }: ListenOptions): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const connections = new Set<ClientConnection>();
    const serving: Serving = {
      broker,
      handlers: new Map(handlers.map((handler) => [handler.key, handler])),
      budget: new Budget(),
      authenticate,
      closed: (connection) => connections.delete(connection),
    };
    const server = createServer((socket) => connections.add(new ClientConnection(socket, serving)));
    server.maxConnections = CONNECTIONS_MAX;
    server.on("drop", refusals(broker));
    server.once("error", (reason) => reject(new Error(`cannot listen on ${host}:${port}: ${reason.message}`, { cause: reason })));
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      server.on("error", (reason) => broker.log.error("the listener failed", {}, reason));
      const { port: bound } = server.address() as AddressInfo; // A TCP listener has one.
      resolve({ host, port: bound, close: () => closed(server, connections) });
    });
  });

/** Says that connections were refused, now and then. */
const refusals = ({ clock, log }: Broker): (() => void) => {
  let saidMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.monotonicMs() < saidMs + REFUSALS_SAID_EVERY_MS) return;
    saidMs = clock.monotonicMs();
    log.warn("connections are refused: there are too many", { most: CONNECTIONS_MAX });
  };
};

const closed = (server: Server, connections: ReadonlySet<ClientConnection>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    for (const connection of connections) connection.close("the broker ends");
  });
