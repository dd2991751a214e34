// A tls client over a tcp client, and a foreign server.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import { bindTlsClient } from "../../../src/bindings/tls/client.ts";
import type { TlsClientConfig } from "../../../src/bindings/tls/config.ts";
import type { Address, Connection } from "../../../src/ports/connection.ts";
import type { Vault } from "../../../src/resources/vault.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";
import { pem, vaultOf } from "./tls-kit.ts";

export const CLIENT: TlsClientConfig = { namespace: "test", name: "north", place: NOWHERE, routes: [{ exit: "tcp", when: [] }] };

export interface Foreign {
  readonly port: number;
  /** The nth that was accepted. */
  socket(n: number): Promise<TLSSocket>;
}

export const foreign = async (t: TestContext, options: TlsOptions = {}): Promise<Foreign> => {
  const sockets: TLSSocket[] = [];
  const server = createTlsServer({ key: pem("one.key"), cert: pem("one.crt"), ...options }, (socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    socket.pipe(socket);
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const socket = async (n: number): Promise<TLSSocket> => {
    while (sockets.length <= n) await once(server, "secureConnection");
    return sockets[n]!;
  };
  return { port: (server.address() as AddressInfo).port, socket }; // Listening on tcp.
};

export const clientOf = (config: Partial<TlsClientConfig>, vault: Vault | null = vaultOf([], ["ca"]), parts: TestParts = {}) => {
  const runtime = testRuntime({ ...parts, ...(vault && { vaults: { v: vault } }) });
  const tcp = bindTcpClient({ namespace: "test", name: "tcp", place: NOWHERE }, runtime);
  const given = vault ? { vault: "v" } : {};
  const bound = bindTlsClient({ ...CLIENT, ...given, ...config }, testExits({ tcp: tcp.ports }), runtime);
  return { bound, runtime, connector: bound.ports.connector! };
};

export const connected = (
  client: ReturnType<typeof clientOf>,
  port: number,
  { host = "localhost", alpn }: Partial<Address> = {},
): Promise<Connection> =>
  new Promise((opened, failed) => {
    client.connector.connect({ host, port, ...(alpn && { alpn }) }, opened, failed);
  });
