// The program as the conformance suite's server under test: a proxy of gRPC in front of the suite's own gRPC server. It is told on standard
// input what to be, and tells on standard output where it listens.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONFORMANCE_PROTO, decodeAs, delimited, encodeAs, messagesOf } from "../kit/conformance-messages.ts";
import { freePorts } from "../kit/ports.ts";
import { start } from "../kit/processes.ts";
import { startSluice } from "../kit/sluice.ts";
import { buildTools } from "../kit/tools.ts";

interface Asked {
  readonly useTls?: boolean;
  readonly clientTlsCert?: Uint8Array;
  readonly messageReceiveLimit?: number;
  readonly serverCreds?: { readonly cert: Uint8Array; readonly key: Uint8Array };
}

const GRPC = 2;
const HTTP_2 = 2;
/** More than the suite sends: the limit under test is the one of the proxy. */
const BACKEND_BYTES_MAX = 4_194_304;

const firstOf = async (pipe: AsyncIterable<Buffer>): Promise<Buffer> => {
  for await (const message of messagesOf(pipe)) return message;
  throw new Error("the pipe ended before a message");
};

/** The suite's own server, in clear; where it listens. */
const startBackend = async (): Promise<number> => {
  const child = start(join(await buildTools("conformance"), "grpcserver"), [], { stdio: ["pipe", "pipe", "inherit"] });
  if (child.stdin === null || child.stdout === null) throw new Error("its pipes are not to be had");
  child.stdin.end(
    delimited(encodeAs("ServerCompatRequest", { protocol: GRPC, httpVersion: HTTP_2, messageReceiveLimit: BACKEND_BYTES_MAX })),
  );
  return decodeAs<{ port: number }>("ServerCompatResponse", await firstOf(child.stdout)).port;
};

const tlsServer = ({ clientTlsCert }: Asked): string => `  tls_server:
    type: tls
    kind: server
    vault: keys
    options: { keys: [server], alpn: [h2]${clientTlsCert?.length ? ", trust: [client], mutual: required" : ""} }
    exit: http_server
`;

const vault = ({ clientTlsCert }: Asked): string => `vaults:
  keys:
    type: filesystem
    options:
      keys: { store: server.crt, type: pem }
${clientTlsCert?.length ? "      trust: { store: client.crt, type: pem }\n" : ""}`;

const configOf = async (asked: Asked, port: number): Promise<string> => {
  const backendPort = await startBackend();
  const limit = asked.messageReceiveLimit
    ? `    options: { limits: { message: ${asked.messageReceiveLimit}, decompressed-message: ${asked.messageReceiveLimit} } }\n`
    : "";
  return `name: conformance-${port}
${asked.useTls ? vault(asked) : ""}catalogs:
  protos: { type: filesystem, options: { subjects: { conformance: { path: ${CONFORMANCE_PROTO} } } } }
bindings:
  tcp_server: { type: tcp, kind: server, options: { host: 127.0.0.1, port: ${port} }, exit: ${asked.useTls ? "tls_server" : "http_server"} }
${asked.useTls ? tlsServer(asked) : ""}  http_server: { type: http, kind: server, options: { versions: [h2] }, exit: grpc_server }
  grpc_server:
    type: grpc
    kind: server
    catalog: { protos: [{ subject: conformance }] }
${limit}    exit: next
  next: { type: grpc, kind: client, exit: http_client }
  http_client: { type: http, kind: client, options: { versions: [h2] }, exit: tcp_client }
  tcp_client: { type: tcp, kind: client, options: { host: 127.0.0.1, port: ${backendPort} } }
`;
};

const asked = decodeAs<Asked>("ServerCompatRequest", await firstOf(process.stdin));
const directory = mkdtempSync(join(tmpdir(), "sluice-conformance-"));
const [port = 0] = await freePorts(1);
if (asked.serverCreds) {
  writeFileSync(join(directory, "server.crt"), asked.serverCreds.cert);
  writeFileSync(join(directory, "server.key"), asked.serverCreds.key);
}
if (asked.clientTlsCert?.length) writeFileSync(join(directory, "client.crt"), asked.clientTlsCert);
const config = join(directory, "zilla.yaml");
writeFileSync(config, await configOf(asked, port));
await startSluice({ config });
const pemCert = asked.useTls ? asked.serverCreds?.cert : undefined;
process.stdout.write(delimited(encodeAs("ServerCompatResponse", { host: "127.0.0.1", port, ...(pemCert ? { pemCert } : {}) })));
