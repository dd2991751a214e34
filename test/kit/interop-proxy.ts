// The program as it is started, between grpc-go's interop client and server: as a proxy of gRPC, or through two topics of Kafka. It is
// called in clear on one port and over TLS on another.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startBroker } from "../../src/broker/start-broker.ts";
import { freePorts } from "./ports.ts";
import { runOrFail } from "./processes.ts";
import { sharedKafka } from "./shared-kafka.ts";
import { startSluice } from "./sluice.ts";
import { createTopics } from "./topics.ts";

export interface InteropKafka {
  readonly bootstrap: string;
  readonly requests: string;
  readonly replies: string;
}

export interface InteropProxy {
  readonly port: number;
  readonly tlsPort: number;
  /** The path of the certificate it shows. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** What the tests call, by service, method and kind; every message is opaque to a proxy. */
const PROTO = `syntax = "proto3";
package grpc.testing;
message Any {}
service TestService {
  rpc EmptyCall(Any) returns (Any);
  rpc UnaryCall(Any) returns (Any);
  rpc CacheableUnaryCall(Any) returns (Any);
  rpc StreamingOutputCall(Any) returns (stream Any);
  rpc StreamingInputCall(stream Any) returns (Any);
  rpc FullDuplexCall(stream Any) returns (stream Any);
  rpc HalfDuplexCall(stream Any) returns (stream Any);
  rpc UnimplementedCall(Any) returns (Any);
}
`;
const ORCA_PROTO = `syntax = "proto3";
package xds.service.orca.v3;
message Any {}
service OpenRcaService {
  rpc StreamCoreMetrics(Any) returns (stream Any);
}
`;
const SERVICES = ["grpc.testing.TestService", "xds.service.orca.v3.OpenRcaService"] as const;

const north = (port: number, tlsPort: number): string => `name: interop-${port}
vaults:
  keys: { type: filesystem, options: { keys: { store: tls/localhost.p12, type: pkcs12, password: generated } } }
catalogs:
  protos: { type: filesystem, options: { subjects: { test: { path: test.proto }, orca: { path: orca.proto } } } }
bindings:
  tcp_server:
    type: tcp
    kind: server
    options: { host: 127.0.0.1, port: [${port}, ${tlsPort}] }
    routes: [{ when: [{ port: ${port} }], exit: http_server }, { when: [{ port: ${tlsPort} }], exit: tls_server }]
  tls_server: { type: tls, kind: server, vault: keys, options: { keys: [localhost], sni: [localhost], alpn: [h2] }, exit: http_server }
  http_server: { type: http, kind: server, options: { versions: [h2] }, exit: grpc_server }
  grpc_server:
    type: grpc
    kind: server
    catalog: { protos: [{ subject: test }, { subject: orca }] }
    routes: [{ when: [${SERVICES.map((service) => `{ method: ${service}/* }`).join(", ")}], exit: next }]
`;

const direct = (): string => `  next: { type: grpc, kind: client, exit: http_client }
`;

const throughKafka = (backendPort: number, { bootstrap, requests, replies }: InteropKafka): string => {
  const produce = `with: { capability: produce, topic: ${requests}, acks: leader_only, reply-to: ${replies} }`;
  const from = SERVICES.map((service) => `{ topic: ${requests}, reply-to: ${replies}, method: ${service}/* }`).join(", ");
  return `  next:
    type: grpc-kafka
    kind: proxy
    routes: [${SERVICES.map((service) => `{ when: [{ method: ${service}/* }], exit: cache_client, ${produce} }`).join(", ")}]
  cache_client: { type: kafka, kind: cache_client, exit: cache_server }
  cache_server: { type: kafka, kind: cache_server, exit: kafka_client }
  kafka_client: { type: kafka, kind: client, options: { servers: ["${bootstrap}"] }, exit: kafka_tcp_client }
  kafka_tcp_client: { type: tcp, kind: client }
  remote_server:
    type: kafka-grpc
    kind: remote_server
    entry: cache_client
    options: { acks: leader_only }
    routes: [{ when: [${from}], with: { scheme: http, authority: "127.0.0.1:${backendPort}" }, exit: grpc_client }]
  grpc_client: { type: grpc, kind: client, exit: http_client }
`;
};

const south = (backendPort: number): string => `  http_client: { type: http, kind: client, options: { versions: [h2] }, exit: tcp_client }
  tcp_client: { type: tcp, kind: client, options: { host: 127.0.0.1, port: ${backendPort} } }
`;

const CERTIFICATES = fileURLToPath(new URL("../../examples/grpc.proxy/make-certs.sh", import.meta.url));

/** Ready when it resolves. */
export const startInteropProxy = async (backendPort: number, kafka?: InteropKafka): Promise<InteropProxy> => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-interop-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    cpSync(CERTIFICATES, join(directory, "make-certs.sh"));
    await runOrFail("sh", { args: ["make-certs.sh"], directory });
    writeFileSync(join(directory, "test.proto"), PROTO);
    writeFileSync(join(directory, "orca.proto"), ORCA_PROTO);
    const [port = 0, tlsPort = 0] = await freePorts(2);
    const config = join(directory, "zilla.yaml");
    const middle = kafka === undefined ? direct() : throughKafka(backendPort, kafka);
    writeFileSync(config, `${north(port, tlsPort)}${middle}${south(backendPort)}`);
    const sluice = await startSluice({ config });
    const stop = async (): Promise<void> => void (await sluice.stop().finally(remove));
    return { port, tlsPort, certificate: join(directory, "tls", "localhost.crt"), stop };
  } catch (reason) {
    remove();
    throw reason;
  }
};

const TOPICS = { "interop-requests": 2, "interop-replies": 3 } as const;

/** With the embedded broker in between, in memory. */
export const startThroughBroker = async (backendPort: number): Promise<InteropProxy> => {
  const broker = await startBroker({});
  await createTopics(broker.bootstrap, TOPICS);
  const kafka = { bootstrap: broker.bootstrap, requests: "interop-requests", replies: "interop-replies" };
  const proxy = await startInteropProxy(backendPort, kafka);
  return { ...proxy, stop: () => proxy.stop().finally(() => broker.close()) };
};

/** With Apache Kafka in between. */
export const startThroughKafka = async (backendPort: number): Promise<InteropProxy> => {
  const shared = await sharedKafka();
  const topics = await shared.topics(TOPICS);
  const kafka = { bootstrap: shared.bootstrap, requests: topics["interop-requests"], replies: topics["interop-replies"] };
  const proxy = await startInteropProxy(backendPort, kafka);
  return { ...proxy, stop: () => proxy.stop().finally(() => shared.stop()) };
};
