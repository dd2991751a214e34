// The tls server: accepted sockets become TLS, then go to the first route that fits what was spoken. The library's own server is used
// without listening, since only it says whether a caller's certificate was verified.
import { X509Certificate } from "node:crypto";
import { createSecureContext, createServer, type SecureContext, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import { StatusError } from "../../core/status.ts";
import type { Connection, ConnectionHandler, Peer } from "../../ports/connection.ts";
import type { Vault, VaultKey } from "../../resources/vault.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { server as part, type TlsCondition, type TlsServerConfig } from "./config.ts";
import { codeOf, tlsFailed } from "./events.ts";
import { handshakeTimeoutMs } from "./handshake.ts";
import { beforeHandshake, type Spoken, type SpokenMatcher, spokenMatcher } from "./route.ts";
import { keysOf, shown, trusted, trustOf, versionsOf } from "./trust.ts";

export const server: Binding<TlsServerConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["connection"],
  exits: "connection",
  parse: part.parse,
  bind: (config, exits, runtime) => bindTlsServer(config, exits, runtime),
};

export const bindTlsServer = (config: TlsServerConfig, exits: Exits, runtime: Runtime): Bound => {
  const bound = new TlsServer(config, exits, runtime);
  return {
    ports: { connection: (connection) => bound.accept(connection) },
    start: () => bound.start(),
    close: () => bound.close(),
  };
};

interface Route {
  readonly matches: SpokenMatcher;
  /** For the choice of a protocol, when nothing else is known. */
  readonly offers: SpokenMatcher;
  readonly accept: ConnectionHandler;
}

class TlsServer {
  readonly #config: TlsServerConfig;
  readonly #runtime: Runtime;
  readonly #vault: Vault;
  readonly #routes: readonly Route[];
  readonly #requestCertificate: boolean;
  readonly #handshaking = new Map<string, Connection>();
  #server: Server | undefined;
  /** The vault's lists as they were when the contexts were made: other lists mean that a file has changed. */
  #seenKeys: unknown;
  #seenTrust: unknown;
  #keys: readonly VaultKey[] = [];
  /** By the keys that are shown. */
  readonly #contexts = new Map<string, SecureContext>();

  constructor(config: TlsServerConfig, exits: Exits, runtime: Runtime) {
    this.#config = config;
    this.#runtime = runtime;
    this.#vault = runtime.vault(config.vault ?? "");
    this.#routes = config.routes.map(({ exit, when }) => ({
      matches: spokenMatcher(when),
      offers: spokenMatcher(beforeHandshake(when)),
      accept: exits.of("connection", exit),
    }));
    const asks = (condition: TlsCondition): boolean => condition.mutual !== undefined || condition.trust !== undefined;
    this.#requestCertificate = this.#mutual !== "none" || config.routes.some(({ when }) => when.some(asks));
  }

  /** Reads the vault, so that what is missing is found now. */
  async start(): Promise<void> {
    for (const { when } of this.#config.routes) for (const { trust = [] } of when) trusted(this.#config, this.#vault, trust);
    const started = createServer({
      handshakeTimeout: handshakeTimeoutMs(this.#runtime),
      requestCert: this.#requestCertificate,
      rejectUnauthorized: this.#mutual === "required",
      SNICallback: (name, done) => this.#choose(name, done),
      ALPNCallback: ({ servername, protocols }) => this.#agree(servername, protocols),
    });
    this.#refresh(started);
    started.on("secureConnection", (socket) => this.#secured(socket));
    started.on("tlsClientError", (reason, socket) => this.#failed(reason, socket));
    this.#server = started;
  }

  async close(): Promise<void> {
    for (const { socket } of this.#handshaking.values()) socket.destroy();
    this.#handshaking.clear();
  }

  accept(connection: Connection): void {
    const { socket, peer } = connection;
    const key = keyOf(peer);
    this.#renew();
    this.#handshaking.set(key, connection);
    socket.on("error", ignore); // The TLS socket tells.
    socket.once("close", () => {
      if (this.#handshaking.get(key) !== connection) return;
      this.#handshaking.delete(key);
      this.#unverified(connection);
    });
    this.#server?.emit("connection", socket); // As Node's documentation of the event allows.
  }

  get #mutual(): "required" | "requested" | "none" {
    return this.#config.mutual ?? (this.#config.trust === undefined ? "none" : "required");
  }

  /** Looks whether the vault has other keys by now. What cannot be used leaves the old ones in place. */
  #renew(): void {
    if (this.#server === undefined) return;
    try {
      this.#refresh(this.#server);
    } catch (reason) {
      const { namespace, name } = this.#config;
      this.#runtime.log.error("the changed keys cannot be used; those of before are kept", { binding: `${namespace}:${name}` }, reason);
    }
  }

  #refresh(started: Server): void {
    const keys = this.#vault.keys();
    const trust = this.#vault.trust();
    if (this.#seenKeys === keys && this.#seenTrust === trust) return;
    this.#seenKeys = keys;
    this.#seenTrust = trust;
    const chosen = keysOf(this.#config, this.#vault);
    started.setSecureContext(this.#materialOf(chosen));
    this.#keys = chosen;
    this.#contexts.clear();
  }

  #materialOf(keys: readonly VaultKey[]): SecureContextOptions {
    const ca = this.#requestCertificate ? trustOf(this.#config, this.#vault) : undefined;
    return { ...versionsOf(this.#config), ...shown(keys), ...(ca && { ca: [...ca] }) };
  }

  /** A throw would end the process in the middle of a handshake. */
  #choose(name: string, done: (reason: Error | null, context?: SecureContext) => void): void {
    try {
      done(null, this.#contextFor(name));
    } catch (reason) {
      done(reason instanceof Error ? reason : new Error(String(reason)));
    }
  }

  /** The keys whose certificates are for that name; none: the first of each kind. A name that nothing is for is accepted, as the original does. */
  #contextFor(name: string): SecureContext {
    const fitting = this.#keys.filter(({ chainPem }) => new X509Certificate(chainPem).checkHost(name) !== undefined);
    const chosen = fitting.length > 0 ? fitting : this.#keys;
    const id = chosen.map(({ alias }) => alias).join("\n");
    const known = this.#contexts.get(id);
    if (known) return known;
    const context = createSecureContext(this.#materialOf(chosen));
    this.#contexts.set(id, context);
    return context;
  }

  /** The first of the caller's protocols that is configured, or that a route takes; none ends the handshake with the alert of RFC 7301. */
  #agree(name: string, protocols: readonly string[]): string | undefined {
    const { alpn } = this.#config;
    if (alpn) return protocols.find((protocol) => alpn.includes(protocol));
    const spoken = { authority: name ?? "", port: 0, verified: false, issuedBy: () => false };
    return protocols.find((protocol) => this.#routes.some(({ offers }) => offers({ ...spoken, alpn: [protocol] })));
  }

  #secured(socket: TLSSocket): void {
    socket.on("error", ignore);
    const connection = socket.remoteAddress === undefined ? undefined : this.#taken(socket);
    if (connection === undefined) {
      socket.destroy(); // The caller has left already.
      return;
    }
    const chain = this.#requestCertificate ? chainOf(socket.getPeerX509Certificate()) : [];
    if (chain.length > 0 && !socket.authorized) {
      tlsFailed(this.#config, this.#runtime, {
        code: String(socket.authorizationError ?? "CERT_UNTRUSTED"),
        about: connection.peer.address,
      });
      socket.destroy();
      return;
    }
    const verified = chain.length > 0;
    const alpn = socket.alpnProtocol || "";
    const sni = typeof socket.servername === "string" ? socket.servername : "";
    const peer: Peer = { ...connection.peer, tls: { alpn, sni, authorized: verified } };
    const issuedBy = (aliases: readonly string[]): boolean => this.#issuedBy(chain, aliases);
    this.#give({ socket, peer }, { authority: sni, alpn: [alpn], port: peer.localPort, verified, issuedBy });
  }

  #give(connection: Connection, spoken: Spoken): void {
    const { namespace, name } = this.#config;
    const { log } = this.#runtime;
    const { socket, peer } = connection;
    const route = this.#routes.find(({ matches }) => matches(spoken));
    try {
      if (route) {
        route.accept(connection);
        return;
      }
      log.debug("no route takes the connection", { binding: `${namespace}:${name}`, peer: peer.address, sni: spoken.authority });
    } catch (reason) {
      const { status, cause } = StatusError.from(reason);
      log.warn("a connection was refused", { binding: `${namespace}:${name}`, peer: peer.address, why: status.message });
      if (cause !== undefined) log.error("accepting a connection failed", { binding: `${namespace}:${name}` }, cause);
    }
    socket.destroy();
  }

  /** The chain is verified already; here it is only asked through whom. */
  #issuedBy(chain: readonly X509Certificate[], aliases: readonly string[]): boolean {
    const wanted = trusted(this.#config, this.#vault, aliases).map(({ certificatePem }) => new X509Certificate(certificatePem));
    return wanted.some((authority) =>
      chain.some((each) => each.raw.equals(authority.raw) || (each.checkIssued(authority) && each.verify(authority.publicKey))),
    );
  }

  /** The library closes a caller whose certificate it does not accept without a word. A probe, which only connects, has sent nothing. */
  #unverified({ socket, peer }: Connection): void {
    const sent = "bytesRead" in socket && Number(socket.bytesRead) > 0;
    if (sent && this.#mutual === "required") tlsFailed(this.#config, this.#runtime, { code: "CERT_REJECTED", about: peer.address });
  }

  #failed(reason: Error, socket: TLSSocket): void {
    const connection = this.#taken(socket);
    const code = codeOf(reason);
    const silent = code === "ECONNRESET" && socket.bytesRead === 0; // A probe: it has connected and left.
    if (!silent) tlsFailed(this.#config, this.#runtime, { code, about: connection?.peer.address ?? "a peer" });
    socket.destroy();
    connection?.socket.destroy();
  }

  /** The connection that a TLS socket was made of. */
  #taken(socket: TLSSocket): Connection | undefined {
    const { remoteAddress: address = "", remotePort: port = 0, localAddress = "", localPort = 0 } = socket;
    const key = keyOf({ address, port, localAddress, localPort });
    const found = this.#handshaking.get(key) ?? [...this.#handshaking.values()].find((each) => each.socket.destroyed); // It may have lost its name.
    if (found) this.#handshaking.delete(keyOf(found.peer));
    return found;
  }
}

const ignore = (): void => {};

const bare = (address: string): string => address.replace(/^::ffff:/, "");

/** The two ends of a connection are its name: the library does not say what a TLS socket was made of. */
const keyOf = ({ address, port, localAddress, localPort }: Peer): string => `${bare(address)} ${port} ${bare(localAddress)} ${localPort}`;

/** The caller's certificate and those that it sent along. */
const chainOf = (leaf: X509Certificate | undefined): readonly X509Certificate[] => {
  const chain: X509Certificate[] = [];
  for (let next = leaf; next !== undefined && !chain.some(({ raw }) => next?.raw.equals(raw)); next = next.issuerCertificate)
    chain.push(next);
  return chain;
};
