// TLS of the broker's listener: its own certificate, whether clients must show one, and who they are by it.
import type { Socket } from "node:net";
import { createSecureContext, createServer, type Server, type TLSSocket } from "node:tls";
import type { Log } from "../../core/log.ts";
import { subjectOf } from "./distinguished-name.ts";
import { HANDSHAKE_MS_MAX } from "./limits.ts";

/** PEM, as text or bytes. */
export interface TlsOptions {
  /** Of the broker, with those between it and its authority behind it. */
  readonly certificate: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** Authorities of clients: with them each client must show a certificate by one of them. */
  readonly clientCa?: string | Uint8Array;
}

const pem = (value: string | Uint8Array): string | Buffer => (typeof value === "string" ? value : Buffer.from(value));

const contextOf = ({ certificate, key, clientCa }: TlsOptions) => ({
  cert: pem(certificate),
  key: pem(key),
  ...(clientCa === undefined ? {} : { ca: pem(clientCa) }),
});

/** Throws what is wrong with key and certificates. */
export const checkTls = (options: TlsOptions): void => void createSecureContext(contextOf(options));

/** Calls `accepted` with connections whose handshake is over and well, and whom their certificate names: nobody without one. */
export const tlsServer = (options: TlsOptions, log: Log, accepted: (socket: TLSSocket, principal?: string) => void): Server => {
  const asksClients = options.clientCa !== undefined;
  const refused = (socket: Socket, reason: unknown): void => {
    log.debug("a client did not come through the handshake of TLS", { client: socket.remoteAddress ?? "", reason: String(reason) });
    socket.destroy();
  };
  const secured = (socket: TLSSocket): void => {
    try {
      accepted(socket, principalOf(socket));
    } catch (reason) {
      refused(socket, reason); // Its certificate cannot be read.
    }
  };
  const asked = { requestCert: asksClients, rejectUnauthorized: asksClients, handshakeTimeout: HANDSHAKE_MS_MAX };
  return createServer({ ...contextOf(options), ...asked }, secured).on("tlsClientError", (reason, socket) => refused(socket, reason));
};

const principalOf = (socket: TLSSocket): string | undefined => {
  const certificate = socket.getPeerX509Certificate();
  return certificate && `User:${subjectOf(certificate.raw)}`;
};
