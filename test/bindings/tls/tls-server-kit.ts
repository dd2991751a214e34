// A tls server behind a tcp server, and foreign callers.
import { once } from "node:events";
import type { TestContext } from "node:test";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { bindTcpServer } from "../../../src/bindings/tcp/server.ts";
import type { TlsServerConfig } from "../../../src/bindings/tls/config.ts";
import { bindTlsServer } from "../../../src/bindings/tls/server.ts";
import type { ConnectionHandler } from "../../../src/ports/connection.ts";
import type { Vault } from "../../../src/resources/vault.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";
import { pem, vaultOf } from "./tls-kit.ts";

export const SERVER: TlsServerConfig = {
  namespace: "test",
  name: "south",
  place: NOWHERE,
  vault: "v",
  keys: ["one"],
  routes: [{ exit: "next", when: [] }],
};

interface Around extends TestParts {
  readonly exits: Readonly<Record<string, ConnectionHandler>>;
  readonly vault?: Vault;
}

export const serverOf = async (t: TestContext, config: Partial<TlsServerConfig>, { exits, vault = vaultOf(["one"]), ...parts }: Around) => {
  const runtime = testRuntime({ ...parts, vaults: { v: vault } });
  const ports = Object.fromEntries(Object.entries(exits).map(([name, connection]) => [name, { connection }]));
  const tls = bindTlsServer({ ...SERVER, ...config }, testExits(ports), runtime);
  await tls.start?.();
  const tcp = bindTcpServer(
    { namespace: "test", name: "tcp", place: NOWHERE, host: "127.0.0.1", ports: [{ from: 0, to: 0 }], routes: [{ exit: "tls", when: [] }] },
    testExits({ tls: tls.ports }),
    runtime,
  );
  await tcp.start?.();
  t.after(async () => {
    await tls.close?.();
    await tcp.close?.();
  });
  return { port: tcp.addresses()[0]!.port, runtime };
};

export const echo: ConnectionHandler = ({ socket }) => {
  socket.on("error", () => {});
  socket.pipe(socket);
};

export const called = (t: TestContext, port: number, options: ConnectionOptions = {}): TLSSocket => {
  const socket = connectTls({ port, host: "127.0.0.1", ca: pem("ca.crt"), servername: "one.example", ...options });
  t.after(() => socket.destroy());
  return socket;
};

export const secured = async (t: TestContext, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = called(t, port, options);
  await once(socket, "secureConnect");
  return socket;
};

export const certificateName = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject["CN"]);

/** Of a connection that the other side does not let stand. */
export const refused = async (socket: TLSSocket): Promise<string> => {
  let code = "";
  socket.on("error", (reason: NodeJS.ErrnoException) => {
    code = reason.code ?? reason.message;
  });
  socket.resume();
  if (!socket.destroyed) await new Promise<void>((done) => socket.once("close", () => done()));
  return code;
};
