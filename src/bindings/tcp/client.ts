// The tcp client: opens sockets to a fixed destination or to the one that is asked for, as its routes allow.
import { lookup } from "node:dns";
import { connect, isIP, type Socket } from "node:net";
import type { Timer } from "../../core/clock.ts";
import { fail, type StatusError } from "../../core/status.ts";
import { enter } from "../../flow/enter.ts";
import type { Address, Connection, Connector } from "../../ports/connection.ts";
import type { Binding, Bound, Runtime } from "../binding.ts";
import { client as part, type TcpClientConfig } from "./config.ts";
import { endMatcher, isEverything, plain } from "./route.ts";

/** From the call of `connect` to an open socket, the look-up of the name and all addresses together. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** For one address, while others are left to try. */
export const ADDRESS_TIMEOUT_MS = 2_500;
/** A peer that has gone without a word is found by probes of the system after this silence. */
const KEEP_ALIVE_MS = 30_000;

export const client: Binding<TcpClientConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["connector"],
  parse: part.parse,
  bind: (config, _exits, runtime) => bindTcpClient(config, runtime),
};

export const bindTcpClient = (config: TcpClientConfig, runtime: Runtime): Bound => ({
  ports: { connector: tcpConnector(config, runtime) },
});

const tcpConnector = (config: TcpClientConfig, runtime: Runtime): Connector => {
  const { host, port, when } = config;
  return {
    connect(to, opened, failed) {
      const attempt = new Attempt(config, runtime, { opened, failed });
      const target = targetOf(config, to);
      if (target === undefined) attempt.refuse(`${to.host}:${to.port} is not among the destinations that tcp '${config.name}' allows`);
      else attempt.resolve(target);
      return attempt;
    },
    dial: {
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(host !== undefined && port !== undefined && when === undefined && { always: true as const }),
      allows: (toHost, toPort) => when === undefined || allowsUnresolved(config, toHost, toPort),
    },
  };
};

/** A destination, and whether its addresses must still be held against the routes. */
interface Target {
  readonly host: string;
  readonly port: number;
  readonly checked: boolean;
}

/** Undefined: refused without looking the name up. */
const targetOf = ({ host, port, when }: TcpClientConfig, to: Address): Target | undefined => {
  if (host !== undefined && (when === undefined || to.host === "")) return { host, port: port ?? to.port, checked: true };
  if (to.host === "") return undefined;
  return { host: to.host, port: to.port, checked: when === undefined || to.host === host };
};

/** What can be said of a destination before its name is looked up: a network that holds every address lets every name through. */
const allowsUnresolved = ({ host, when = [] }: TcpClientConfig, toHost: string, toPort: number): boolean => {
  if (toHost === host) return true;
  const known = when.map(({ cidr, ...rest }) =>
    cidr === undefined || (isIP(toHost) === 0 && isEverything(cidr)) ? rest : { ...rest, cidr },
  );
  return endMatcher(known)({ addresses: isIP(toHost) === 0 ? [] : [toHost], port: toPort, names: [toHost] });
};

interface Asker {
  readonly opened: (connection: Connection) => void;
  readonly failed: (reason: unknown) => void;
}

/** One call of `connect`: the name is looked up, then its addresses are tried one after the other. */
class Attempt {
  readonly #config: TcpClientConfig;
  readonly #runtime: Runtime;
  #asker: Asker | undefined;
  readonly #deadlineMs: number;
  #timer: Timer | undefined;
  #socket: Socket | undefined;
  #target: Target = { host: "", port: 0, checked: true };
  #failures: string[] = [];

  constructor(config: TcpClientConfig, runtime: Runtime, asker: Asker) {
    this.#config = config;
    this.#runtime = runtime;
    this.#asker = asker;
    this.#deadlineMs = runtime.clock.monotonicMs() + CONNECT_TIMEOUT_MS;
  }

  resolve(target: Target): void {
    this.#target = target;
    this.#after(CONNECT_TIMEOUT_MS, () => this.refuse(`the name is not resolved after ${CONNECT_TIMEOUT_MS} ms`));
    lookup(target.host, { all: true }, (reason, found) => {
      if (this.#asker === undefined) return;
      if (reason) {
        this.#unresolved(reason);
        return;
      }
      const addresses = found.map(({ address }) => address).filter((address) => this.#allowed(address));
      if (addresses.length > 0) this.#try(addresses);
      else this.refuse(`its address is not among the destinations that tcp '${this.#config.name}' allows`);
    });
  }

  /** Fails, from a later turn. */
  refuse(why: string): void {
    const asker = this.#over();
    if (asker === undefined) return;
    const { host, port } = this.#target;
    const error: StatusError = fail("UNAVAILABLE", host === "" ? why : `cannot connect to ${host}:${port}: ${why}`);
    process.nextTick(() => asker.failed(error));
  }

  close(): void {
    this.#over();
    this.#socket?.destroy();
  }

  #unresolved({ code, message }: NodeJS.ErrnoException): void {
    const { namespace, name } = this.#config;
    const { events, clock } = this.#runtime;
    const why = `the name cannot be resolved (${code ?? message})`;
    events.emit({
      namespace,
      name,
      event: "binding.tcp.dns.failed",
      message: `${this.#target.host}: ${why}`,
      timeMs: clock.now(),
    });
    this.refuse(why);
  }

  #allowed(address: string): boolean {
    const { host, port, checked } = this.#target;
    return checked || endMatcher(this.#config.when ?? [])({ addresses: [address], port, names: [host] });
  }

  #try(addresses: readonly string[]): void {
    const [address, ...others] = addresses;
    if (address === undefined) {
      this.refuse(this.#failures.join(", "));
      return;
    }
    const socket = connect({
      host: address,
      port: this.#target.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#socket = socket;
    const leftMs = Math.max(0, this.#deadlineMs - this.#runtime.clock.monotonicMs());
    const next = (why: string): void => {
      if (this.#socket !== socket || this.#asker === undefined) return;
      this.#failures.push(this.#target.host === address ? why : `${address} ${why}`);
      socket.destroy();
      this.#try(others);
    };
    const failed = ({ code, message }: NodeJS.ErrnoException): void => next(code ?? message);
    this.#after(others.length > 0 ? Math.min(ADDRESS_TIMEOUT_MS, leftMs) : leftMs, () => next("does not answer"));
    socket.on("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      this.#opened(socket);
    });
  }

  #opened(socket: Socket): void {
    const asker = this.#over();
    const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
    const peer = { address: plain(remoteAddress), port: remotePort, localAddress: plain(localAddress), localPort };
    enter(
      () => asker?.opened({ socket, peer }),
      (error) => {
        socket.destroy();
        asker?.failed(error);
      },
    );
  }

  #after(delayMs: number, call: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#runtime.clock.after(delayMs, call);
  }

  #over(): Asker | undefined {
    const asker = this.#asker;
    this.#asker = undefined;
    this.#timer?.cancel();
    return asker;
  }
}
