// The tls client: sockets of the connector below become TLS, with the other side's certificate verified.
import { isIP } from "node:net";
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { ConfigError } from "../../config/place.ts";
import type { Timer } from "../../core/clock.ts";
import { fail } from "../../core/status.ts";
import { enter } from "../../flow/enter.ts";
import type { Address, Connection, Connector, Dial } from "../../ports/connection.ts";
import type { Vault, VaultKey } from "../../resources/vault.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { client as part, type TlsClientConfig, type TlsRoute } from "./config.ts";
import { codeOf, eventOf, tlsFailed } from "./events.ts";
import { handshakeTimeoutMs } from "./handshake.ts";
import { type SpokenMatcher, spokenMatcher } from "./route.ts";
import { keyOfSubject, keysOf, shown, trustOf, versionsOf } from "./trust.ts";

export const client: Binding<TlsClientConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["connector"],
  exits: "connector",
  parse: part.parse,
  bind: (config, exits, runtime) => bindTlsClient(config, exits, runtime),
};

export const bindTlsClient = (config: TlsClientConfig, exits: Exits, runtime: Runtime): Bound => {
  const bound = new TlsClient(config, exits, runtime);
  return { ports: { connector: bound }, start: () => bound.start() };
};

interface Route {
  readonly matches: SpokenMatcher;
  readonly connector: Connector;
  readonly given: TlsRoute;
  /** Made once, and again when a file of the vault has changed. */
  context?: { readonly context: SecureContext; readonly keys: unknown; readonly trust: unknown };
}

const NO_KEYS: readonly VaultKey[] = [];

class TlsClient implements Connector {
  readonly #config: TlsClientConfig;
  readonly #runtime: Runtime;
  readonly #vault: Vault | undefined;
  readonly #routes: readonly Route[];
  readonly dial: Dial;

  constructor(config: TlsClientConfig, exits: Exits, runtime: Runtime) {
    this.#config = config;
    this.#runtime = runtime;
    this.#vault = config.vault === undefined ? undefined : runtime.vault(config.vault);
    this.#routes = config.routes.map((given) => ({
      matches: spokenMatcher(given.when),
      connector: exits.of("connector", given.exit),
      given,
    }));
    this.dial = this.#dialOf();
  }

  /** Reads the vault, so that what is missing is found now. */
  async start(): Promise<void> {
    for (const route of this.#routes) {
      const { commonName = "", distinguishedName = "" } = route.given.certificate ?? {};
      if (commonName.includes("${") || distinguishedName.includes("${"))
        throw new ConfigError(this.#config.place, "a client certificate chosen by the caller's identity is not built");
      this.#contextOf(route);
    }
  }

  connect(to: Address, opened: (connection: Connection) => void, failed: (reason: unknown) => void): { close(): void } {
    const route = this.#routeOf(to);
    if (route === undefined) {
      const refused = fail("UNAVAILABLE", `tls '${this.#config.name}' has no route to ${to.host}:${to.port}`);
      const timer = this.#runtime.clock.after(0, () => failed(refused));
      return { close: () => timer.cancel() };
    }
    const handshake = new Handshake(this.#config, this.#runtime, { opened, failed });
    handshake.open(route.connector, to, () => this.#optionsFor(route, to));
    return handshake;
  }

  #routeOf(to: Address): Route | undefined {
    const spoken = {
      authority: to.host,
      alpn: this.#config.alpn ?? to.alpn ?? [],
      port: to.port,
      verified: false,
      issuedBy: () => false,
    };
    return this.#routes.find(({ matches }) => matches(spoken));
  }

  /** The name that is asked for and that the certificate must be for: `sni` where it is given, else the host. */
  #optionsFor(route: Route, to: Address): ConnectionOptions {
    const { sni, alpn } = this.#config;
    const host = sni?.[0] ?? (to.host === "" ? (route.connector.dial.host ?? "") : to.host);
    const protocols = alpn ?? to.alpn;
    return {
      secureContext: this.#contextOf(route),
      host,
      ...(isIP(host) === 0 && { servername: host }),
      ...(protocols && { ALPNProtocols: [...protocols] }),
      rejectUnauthorized: true,
    };
  }

  #contextOf(route: Route): SecureContext {
    const keys = this.#vault?.keys();
    const trust = this.#vault?.trust();
    if (route.context && route.context.keys === keys && route.context.trust === trust) return route.context.context;
    const context = createSecureContext(this.#materialOf(route));
    route.context = { context, keys, trust };
    return context;
  }

  #materialOf({ given }: Route): Parameters<typeof createSecureContext>[0] & object {
    const config = this.#config;
    const vault = this.#vault;
    const ca = trustOf(config, vault);
    const keys =
      vault === undefined ? NO_KEYS : given.certificate ? [keyOfSubject(config, vault, given.certificate)] : this.#ownKeys(vault);
    return { ...versionsOf(config), ...shown(keys), ...(ca && { ca: [...ca] }) };
  }

  /** Without any of keys, signers and trust, every key of the vault may be shown. */
  #ownKeys(vault: Vault): readonly VaultKey[] {
    const { keys, signers, trust } = this.#config;
    return keys === undefined && signers === undefined && trust !== undefined ? NO_KEYS : keysOf(this.#config, vault);
  }

  /** For a kafka client, which dials by itself: the first route says how, all of them say where to. */
  #dialOf(): Dial {
    const [first] = this.#routes;
    const { host, port, always } = first?.connector.dial ?? {};
    return {
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(always && { always }),
      allows: (toHost, toPort) => this.#routeOf({ host: toHost, port: toPort })?.connector.dial.allows(toHost, toPort) ?? false,
      tls: () => {
        const [name] = this.#config.sni ?? [];
        const protocols = this.#config.alpn;
        return {
          ...(first ? this.#materialOf(first) : {}),
          ...(name !== undefined && { servername: name }),
          ...(protocols && { ALPNProtocols: [...protocols] }),
          rejectUnauthorized: true,
        };
      },
    };
  }
}

interface Asker {
  readonly opened: (connection: Connection) => void;
  readonly failed: (reason: unknown) => void;
}

/** One call of `connect`. */
class Handshake {
  readonly #config: TlsClientConfig;
  readonly #runtime: Runtime;
  #asker: Asker | undefined;
  #below: { close(): void } | undefined;
  #timer: Timer | undefined;
  #socket: TLSSocket | undefined;

  constructor(config: TlsClientConfig, runtime: Runtime, asker: Asker) {
    this.#config = config;
    this.#runtime = runtime;
    this.#asker = asker;
  }

  open(connector: Connector, to: Address, options: () => ConnectionOptions): void {
    this.#below = connector.connect(
      { host: to.host, port: to.port },
      (connection) => {
        this.#below = undefined;
        this.#shake(connection, options());
      },
      (reason) => this.#over()?.failed(reason),
    );
  }

  close(): void {
    this.#over();
    this.#below?.close();
    this.#socket?.destroy();
  }

  #shake({ socket: raw, peer }: Connection, options: ConnectionOptions): void {
    const name = `${options.host || peer.address}:${peer.port}`;
    const timeoutMs = handshakeTimeoutMs(this.#runtime);
    const socket = connectTls({ ...options, socket: raw });
    this.#socket = socket;
    const failed = (code: string, why = code): void => {
      const asker = this.#over();
      socket.on("error", ignore);
      socket.destroy();
      raw.destroy();
      if (asker === undefined) return;
      tlsFailed(this.#config, this.#runtime, { code, about: name });
      const what = eventOf(code) === "peer.not.verified" ? "the certificate is not accepted" : "TLS failed";
      asker.failed(fail("UNAVAILABLE", `cannot connect to ${name}: ${what} (${why})`));
    };
    this.#timer = this.#runtime.clock.after(timeoutMs, () => failed("ERR_TLS_HANDSHAKE_TIMEOUT", `no answer for ${timeoutMs} ms`));
    const lost = (): void => failed("ECONNRESET", "the peer hung up");
    const broken = (reason: Error): void => failed(codeOf(reason), reason.message);
    raw.on("error", ignore); // The TLS socket tells.
    socket.on("error", broken);
    socket.on("close", lost);
    socket.once("secureConnect", () => {
      socket.off("error", broken);
      socket.off("close", lost);
      const sni = options.servername ?? "";
      this.#secured({ socket, peer: { ...peer, tls: { alpn: socket.alpnProtocol || "", sni, authorized: socket.authorized } } });
    });
  }

  #secured(connection: Connection): void {
    const asker = this.#over();
    if (asker === undefined) connection.socket.on("error", ignore).destroy();
    enter(
      () => asker?.opened(connection),
      (error) => {
        connection.socket.destroy();
        asker?.failed(error);
      },
    );
  }

  #over(): Asker | undefined {
    const asker = this.#asker;
    this.#asker = undefined;
    this.#timer?.cancel();
    return asker;
  }
}

const ignore = (): void => {};
