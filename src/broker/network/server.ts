// The broker's listener: accepts connections within its limits.
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Handler } from "../api.ts";
import type { Broker } from "../broker.ts";
import { Budget } from "./budget.ts";
import { ANONYMOUS } from "./client.ts";
import { ClientConnection, type Serving } from "./connection.ts";
import { CONNECTIONS_MAX, REFUSALS_SAID_EVERY_MS } from "./limits.ts";
import { type TlsOptions, tlsServer } from "./tls.ts";

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
  /** Absent: it speaks plainly. */
  readonly tls?: TlsOptions;
  /** Of connections. */
  readonly log: Log;
}

/** Rejects when the address cannot be listened on. */
export const listen = (broker: Broker, handlers: readonly Handler[], options: ListenOptions): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const { host, port, authenticate, tls, log } = options;
    const connections = new Set<ClientConnection>();
    const serving: Serving = {
      broker,
      handlers: new Map(handlers.map((handler) => [handler.key, handler])),
      budget: new Budget(),
      log,
      authenticate,
      closed: (connection) => connections.delete(connection),
    };
    const accept = (socket: Socket, principal = ANONYMOUS): void => void connections.add(new ClientConnection(socket, serving, principal));
    const server = tls ? tlsServer(tls, log, accept) : createServer((socket) => accept(socket));
    const sockets = socketsOf(server);
    server.maxConnections = CONNECTIONS_MAX;
    server.on("drop", refusals(broker.clock, log));
    server.once("error", (reason) => reject(new Error(`cannot listen on ${host}:${port}: ${reason.message}`, { cause: reason })));
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      server.on("error", (reason) => log.error("the listener failed", {}, reason));
      const { port: bound } = server.address() as AddressInfo; // A TCP listener has one.
      resolve({ host, port: bound, close: () => closed(server, connections, sockets) });
    });
  });

/** Says that connections were refused, now and then. */
const refusals = (clock: Clock, log: Log): (() => void) => {
  let saidMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.monotonicMs() < saidMs + REFUSALS_SAID_EVERY_MS) return;
    saidMs = clock.monotonicMs();
    log.warn("connections are refused: there are too many", { most: CONNECTIONS_MAX });
  };
};

/** All that are open, those too that are no connections yet: their handshake goes on. */
const socketsOf = (server: Server): ReadonlySet<Socket> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
};

const closed = (server: Server, connections: ReadonlySet<ClientConnection>, sockets: ReadonlySet<Socket>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    const open = new Set([...connections].map(({ host, port }) => `${host} ${port}`));
    for (const socket of sockets) if (!open.has(`${socket.remoteAddress} ${socket.remotePort}`)) socket.destroy();
    for (const connection of connections) connection.close("the broker ends");
  });
