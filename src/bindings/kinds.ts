// Every binding there is, one line a kind: `type: grpc-kafka, kind: proxy` lives in grpc-kafka/proxy.ts.
import type { Binding } from "./binding.ts";
import { server as echoServer } from "./echo/server.ts";
import { client as grpcClient } from "./grpc/client.ts";
import { server as grpcServer } from "./grpc/server.ts";
import { proxy as grpcKafkaProxy } from "./grpc-kafka/proxy.ts";
import { client as httpClient } from "./http/client.ts";
import { server as httpServer } from "./http/server.ts";
import { cacheClient as kafkaCacheClient } from "./kafka/cache-client.ts";
import { cacheServer as kafkaCacheServer } from "./kafka/cache-server.ts";
import { client as kafkaClient } from "./kafka/client.ts";
import { remoteServer as kafkaGrpcRemoteServer } from "./kafka-grpc/remote-server.ts";
import { client as tcpClient } from "./tcp/client.ts";
import { server as tcpServer } from "./tcp/server.ts";
import { client as tlsClient } from "./tls/client.ts";
import { server as tlsServer } from "./tls/server.ts";

/** A binding whose configuration is its own business. */
type AnyBinding = Binding<unknown>;

const erased = <Config>(binding: Binding<Config>): AnyBinding => binding as AnyBinding; // What parse makes, only bind of the same binding is given.

export const BINDINGS: readonly AnyBinding[] = [
  erased(tcpServer),
  erased(tcpClient),
  erased(tlsServer),
  erased(tlsClient),
  erased(httpServer),
  erased(httpClient),
  erased(grpcServer),
  erased(grpcClient),
  erased(echoServer),
  erased(grpcKafkaProxy),
  erased(kafkaGrpcRemoteServer),
  erased(kafkaClient),
  erased(kafkaCacheServer),
  erased(kafkaCacheClient),
];
