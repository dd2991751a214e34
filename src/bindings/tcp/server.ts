// The tcp server: listens on every port of its list and hands each accepted socket to the first route that takes it.
import { lookupService } from "node:dns";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { ConfigError } from "../../config/place.ts";
import type { Counter } from "../../core/counters.ts";
import { StatusError } from "../../core/status.ts";
import type { Connection, ConnectionHandler } from "../../ports/connection.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { server as part, type TcpServerConfig } from "./config.ts";
import { type End, type EndMatcher, endMatcher, plain } from "./route.ts";

/** Connections at a time where `zilla.engine.worker.capacity` does not say. */
export const CONNECTIONS_MAX = 16_384;

export const server: Binding<TcpServerConfig> = {
  type: part.type,
  kind: part.kind,
  serves: [],
  exits: "connection",
  parse: part.parse,
  bind: (config, exits, runtime) => bindTcpServer(config, exits, runtime),
};

/** A tcp server that can be asked where it listens: with port 0 the system chooses. */
export interface TcpServerBound extends Bound {
  addresses(): readonly AddressInfo[];
}

export const bindTcpServer = (config: TcpServerConfig, exits: Exits, runtime: Runtime): TcpServerBound => {
  const bound = new TcpServer(config, exits, runtime);
  return {
    ports: {},
    start: () => bound.start(),
    drain: () => bound.drain(),
    close: () => bound.close(),
    addresses: () => bound.addresses(),
  };
};

/** How many connections the engine's capacity allows; a number that makes no sense is said, and as good as none. */
const capacityOf = (runtime: Runtime): number => {
  const found = runtime.property("zilla.engine.worker.capacity");
  const capacity = Number(found);
  if (found !== undefined && Number.isInteger(capacity) && capacity > 0) return capacity;
  if (found !== undefined) runtime.log.warn("zilla.engine.worker.capacity is no number of connections; it has no effect", { found });
  return CONNECTIONS_MAX;
};

interface Route {
  readonly matches: EndMatcher;
  readonly accept: ConnectionHandler;
}

class TcpServer {
  readonly #config: TcpServerConfig;
  readonly #runtime: Runtime;
  readonly #routes: readonly Route[];
  /** Only `authority` asks for names, and only then are they looked up. */
  readonly #named: boolean;
  readonly #names = new Map<string, Promise<readonly string[]>>();
  readonly #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #connectionsMax: number;
  readonly #open: Counter;
  readonly #refused: Counter;

  constructor(config: TcpServerConfig, exits: Exits, runtime: Runtime) {
    this.#config = config;
    this.#runtime = runtime;
    this.#routes = config.routes.map(({ exit, when }) => ({ matches: endMatcher(when), accept: exits.of("connection", exit) }));
    this.#named = config.routes.some(({ when }) => when.some(({ authority }) => authority !== undefined));
    this.#connectionsMax = capacityOf(runtime);
    const { counters } = runtime;
    const key = { namespace: config.namespace, binding: config.name };
    counters.declare({ name: "sluice.tcp.connections", kind: "gauge", unit: "count", help: "Open connections of a tcp server." });
    counters.declare({
      name: "sluice.tcp.connections.refused",
      kind: "counter",
      unit: "count",
      help: "Connections closed at once: over the limit, or taken by no route.",
    });
    this.#open = counters.counter({ ...key, metric: "sluice.tcp.connections" });
    this.#refused = counters.counter({ ...key, metric: "sluice.tcp.connections.refused" });
  }

  async start(): Promise<void> {
    try {
      for (const { from, to } of this.#config.ports) for (let port = from; port <= to; port++) await this.#listen(port);
    } catch (reason) {
      await this.close();
      throw reason;
    }
  }

  /** The connections in hand belong to what they were given to, which drains them. */
  async drain(): Promise<void> {
    await Promise.all(this.#listeners.splice(0).map((listener) => new Promise<void>((closed) => stopListening(listener, closed))));
  }

  async close(): Promise<void> {
    await this.drain();
    for (const socket of this.#sockets) socket.destroy();
  }

  addresses(): readonly AddressInfo[] {
    return this.#listeners.map((listener) => listener.address()).filter((address) => typeof address === "object" && address !== null);
  }

  /** A port that is shared could be taken from under another program unnoticed, so the first process looks whether it is free. */
  async #listen(port: number): Promise<void> {
    const { host, place } = this.#config;
    const { listening } = this.#runtime;
    const at = this.#listeners.length;
    const wanted = port === 0 ? (listening?.chosen(at) ?? 0) : port;
    try {
      if (listening?.first && wanted !== 0) await free(host, wanted);
      const opened = await this.#bind(wanted);
      listening?.listens(at, opened);
    } catch (reason) {
      throw new ConfigError(place, bindFailure(host, wanted, reason as NodeJS.ErrnoException)); // A listener fails with these.
    }
  }

  /** The port it has become. */
  #bind(port: number): Promise<number> {
    const { host, namespace, name } = this.#config;
    const reusePort = this.#runtime.listening !== undefined;
    const listener = createServer({ noDelay: true, highWaterMark: 64 * 1024 }, (socket) => this.#accepted(socket));
    return new Promise((listening, failed) => {
      listener.once("error", failed);
      listener.listen({ host, port, exclusive: true, reusePort }, () => {
        listener.removeAllListeners("error");
        listener.on("error", (reason) =>
          this.#runtime.log.error("accepting connections failed", { binding: `${namespace}:${name}` }, reason),
        );
        this.#listeners.push(listener);
        const address = listener.address();
        const bound = typeof address === "object" && address !== null ? address.port : port;
        this.#runtime.log.info("listening", { binding: `${namespace}:${name}`, host, port: bound });
        listening(bound);
      });
    });
  }

  #accepted(socket: Socket): void {
    const { remoteAddress: address, remotePort, localAddress, localPort } = socket;
    if (this.#sockets.size >= this.#connectionsMax || address === undefined || localAddress === undefined) {
      socket.on("error", ignore);
      if (address !== undefined) this.#refused.value += 1; // Otherwise it has left already.
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#open.value += 1;
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#open.value -= 1;
    });
    const peer = { address: plain(address), port: remotePort ?? 0, localAddress: plain(localAddress), localPort: localPort ?? 0 };
    this.#route({ socket, peer });
  }

  #route(connection: Connection): void {
    const { localAddress, localPort } = connection.peer;
    const end: End = { addresses: [localAddress], port: localPort, names: [] };
    if (!this.#named) {
      this.#give(connection, end);
      return;
    }
    connection.socket.on("error", ignore); // Nobody else listens until the names are known.
    this.#namesOf(localAddress, localPort).then((names) => {
      if (!connection.socket.destroyed) this.#give(connection, { ...end, names });
    });
  }

  #give(connection: Connection, end: End): void {
    const { socket, peer } = connection;
    const { namespace, name } = this.#config;
    const route = this.#routes.find(({ matches }) => matches(end));
    try {
      if (route) {
        route.accept(connection);
        return;
      }
      this.#runtime.log.debug("no route takes the connection", { binding: `${namespace}:${name}`, port: end.port, peer: peer.address });
    } catch (reason) {
      const { status, cause } = StatusError.from(reason);
      this.#runtime.log.warn("a connection was refused", { binding: `${namespace}:${name}`, peer: peer.address, why: status.message });
      if (cause !== undefined) this.#runtime.log.error("accepting a connection failed", { binding: `${namespace}:${name}` }, cause);
    }
    this.#refused.value += 1;
    socket.on("error", ignore);
    socket.destroy();
  }

  #namesOf(address: string, port: number): Promise<readonly string[]> {
    const known = this.#names.get(address);
    if (known) return known;
    const names = new Promise<readonly string[]>((found) => {
      lookupService(address, port, (reason, hostname) => found(reason === null ? [hostname] : []));
    });
    this.#names.set(address, names);
    return names;
  }
}

const ignore = (): void => {};

/** Rejects when somebody listens there. */
const free = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });

const stopListening = (listener: Server, closed: () => void): void => {
  listener.close(); // Its callback would wait for the connections.
  closed();
};

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "this machine does not have that address",
  EACCES: "not permitted",
  ENOTFOUND: "the name cannot be resolved",
  EAI_AGAIN: "the name cannot be resolved just now",
  ENOTSUP: "this system cannot share a port among processes",
};

const bindFailure = (host: string, port: number, { code, message }: NodeJS.ErrnoException): string =>
  `cannot listen on ${host}:${port}: ${REASONS[code ?? ""] ?? message}${code === undefined ? "" : ` (${code})`}`;
