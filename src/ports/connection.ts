// Below HTTP and Kafka the idiom of service.ts stops: sockets stay Node's own streams, since TLS lives in native code and a layer in
// our language would copy every byte.
import type { Duplex } from "node:stream";

/** What is known of the other end, and of how it came. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** The local end: what the tcp routes of the original look at. */
  readonly localAddress: string;
  readonly localPort: number;
  /** Present when TLS was spoken. `alpn` is "" when nothing was agreed. */
  readonly tls?: { readonly alpn: string; readonly sni: string; readonly authorized: boolean };
}

/** An accepted socket. Whoever is given it owns it: listens for its errors and closes it. */
export interface Connection {
  readonly socket: Duplex;
  readonly peer: Peer;
}
/** Takes a connection, or throws a StatusError: then the giver destroys the socket. */
export type ConnectionHandler = (connection: Connection) => void;

/** Where to connect. */
export interface Address {
  /** Empty: the destination that the connector itself is configured with. */
  readonly host: string;
  readonly port: number;
  /** The protocols to offer where TLS is spoken on the way. */
  readonly alpn?: readonly string[];
}

/** Opens a socket to an address; rejects with a StatusError UNAVAILABLE that names it. `close` before it settles abandons it. */
export interface Connector {
  connect(to: Address, opened: (connection: Connection) => void, failed: (reason: unknown) => void): { close(): void };
  /** What a kafka client needs to dial by itself instead: see bindings/kafka/client. */
  readonly dial: Dial;
}

/** A chain of tcp and tls client bindings, said in plain values. */
export interface Dial {
  /** A fixed destination for connections that name none. */
  readonly host?: string;
  readonly port?: number;
  /** Host and port are for every connection, whatever it names: no routes are given. */
  readonly always?: true;
  /**
   * False refuses that destination: the tcp binding's routes do not allow it. A name is let through a network only when that holds every
   * address (`0.0.0.0/0`), since it is not looked up here.
   */
  allows(host: string, port: number): boolean;
  /** What `node:tls` connect takes, when TLS is spoken; read again for each connection, so that renewed files count. */
  readonly tls?: () => import("node:tls").ConnectionOptions;
}
