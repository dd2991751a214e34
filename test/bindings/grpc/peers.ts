// The grpc server behind a real http server on a real socket, for clients that others wrote. What it exits to is the test's.

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { client as grpcClient } from "../../../src/bindings/grpc/client.ts";
import { server as grpcServer } from "../../../src/bindings/grpc/server.ts";
import { client as httpClient } from "../../../src/bindings/http/client.ts";
import { server as httpServer } from "../../../src/bindings/http/server.ts";
import { client as tcpClient } from "../../../src/bindings/tcp/client.ts";
import type { BindingNode } from "../../../src/config/node.ts";
import type { Grpc } from "../../../src/ports/grpc.ts";
import { openCatalog } from "../../../src/resources/catalog/open.ts";
import { bindingOf, graphOf } from "../../kit/config.ts";
import { type TestRuntime, testExits, testRuntime } from "../../kit/runtime.ts";
import { strict } from "../../kit/strict.ts";

const CONFIGURATION = `
name: example
catalogs:
  catalog0:
    type: inline
    options:
      subjects:
        echo:
          schema: |
            syntax = "proto3";
            package example;
            import "google/protobuf/empty.proto";
            service EchoService {
              rpc EchoUnary (google.protobuf.Empty) returns (google.protobuf.Empty);
              rpc EchoClientStream (stream google.protobuf.Empty) returns (google.protobuf.Empty);
              rpc EchoServerStream (google.protobuf.Empty) returns (stream google.protobuf.Empty);
              rpc EchoStream (stream google.protobuf.Empty) returns (stream google.protobuf.Empty);
            }
        examples:
          schema: |
            syntax = "proto3";
            package grpc.examples.echo;
            message M {}
            service Echo {
              rpc UnaryEcho (M) returns (M);
              rpc ServerStreamingEcho (M) returns (stream M);
              rpc ClientStreamingEcho (stream M) returns (M);
              rpc BidirectionalStreamingEcho (stream M) returns (stream M);
            }
bindings:
  http_server0:
    type: http
    kind: server
    options:
      access-control:
        policy: cross-origin
    exit: grpc_server0
  grpc_server0:
    type: grpc
    kind: server
    catalog:
      catalog0:
        - subject: echo
        - subject: examples
    routes:
      - when:
          - method: example.EchoService/*
          - method: grpc.examples.echo.*
        exit: app0
  app0:
    type: echo
    kind: server
  grpc_client0:
    type: grpc
    kind: client
    exit: http_client0
  http_client0:
    type: http
    kind: client
    options:
      versions:
        - h2
    exit: tcp_client0
  tcp_client0:
    type: tcp
    kind: client
`;

const nodeOf = (name: string): BindingNode => bindingOf(CONFIGURATION, name);

export interface Peers {
  readonly port: number;
  readonly runtime: TestRuntime;
}

const closing = (server: Server, sockets: ReadonlySet<Socket>): Promise<void> =>
  new Promise((closed) => {
    server.close(() => closed());
    for (const socket of sockets) socket.destroy();
  });

/** Serves `app` until the test is over. */
export const serveGrpc = async (context: TestContext, app: Grpc): Promise<Peers> => {
  const catalog = openCatalog(graphOf(CONFIGURATION).namespaces[0]!.catalogs[0]!, () => {});
  const runtime = testRuntime({ catalogs: { catalog0: catalog } });
  const grpc = grpcServer.bind(grpcServer.parse(nodeOf("grpc_server0")), testExits({ app0: { grpc: strict(app) } }), runtime);
  const http = httpServer.bind(httpServer.parse(nodeOf("http_server0")), testExits({ grpc_server0: grpc.ports }), runtime);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
    http.ports.connection?.({ socket, peer: { address: remoteAddress, port: remotePort, localAddress, localPort } });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  context.after(async () => {
    await closing(server, sockets);
    await http.close?.();
    runtime.wheel.close();
  });
  return { port: (server.address() as AddressInfo).port, runtime }; // Of a socket with a port.
};

/** The grpc client on a real http client, for calls of a server on this machine that others wrote. */
export const clientTo = (context: TestContext): Grpc => {
  const runtime = testRuntime();
  const tcp = tcpClient.bind(tcpClient.parse(nodeOf("tcp_client0")), testExits({}), runtime);
  const http = httpClient.bind(httpClient.parse(nodeOf("http_client0")), testExits({ tcp_client0: tcp.ports }), runtime);
  const grpc = grpcClient.bind(grpcClient.parse(nodeOf("grpc_client0")), testExits({ http_client0: http.ports }), runtime);
  context.after(async () => {
    await http.close?.();
    runtime.wheel.close();
  });
  return grpc.ports.grpc!; // What a grpc client serves.
};
