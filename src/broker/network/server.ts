// The broker's listener: accepts connections within its limits.
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Handler } from "../api.ts";
import type { Broker } from "../broker.ts";
import { ClientConnection, type Serving } from "./connection.ts";
import { CONNECTIONS_MAX, QUEUED_BYTES_MAX } from "./limits.ts";

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

class Connections {
  readonly #all = new Set<ClientConnection>();
  #bytes = 0;

  serving(broker: Broker, handlers: ReadonlyMap<number, Handler>, authenticate: boolean): Serving {
    return {
      broker,
      handlers,
      authenticate,
      taken: (bytes) => {
        this.#bytes += bytes;
        return this.#bytes < QUEUED_BYTES_MAX;
      },
      given: (bytes) => {
        this.#bytes -= bytes;
      },
      closed: (connection) => this.#all.delete(connection),
    };
  }

  add(connection: ClientConnection): void {
    this.#all.add(connection);
  }

  close(): void {
    for (const connection of this.#all) connection.close("the broker ends");
  }
}

/** Rejects when the address cannot be listened on. */
export const listen = (broker: Broker, handlers: readonly Handler[], { host, port, authenticate }: ListenOptions): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const connections = new Connections();
    const serving = connections.serving(broker, new Map(handlers.map((handler) => [handler.key, handler])), authenticate);
    const server = createServer((socket) => connections.add(new ClientConnection(socket, serving)));
    server.maxConnections = CONNECTIONS_MAX;
    server.once("error", (reason) => reject(new Error(`cannot listen on ${host}:${port}: ${reason.message}`, { cause: reason })));
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      server.on("error", (reason) => broker.log.error("the listener failed", {}, reason));
      const { port: bound } = server.address() as AddressInfo; // A TCP listener has one.
      resolve({ host, port: bound, close: () => closed(server, connections) });
    });
  });

const closed = (server: Server, connections: Connections): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    connections.close();
  });
