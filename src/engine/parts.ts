// Everything a file may hold, gathered from where it is written: beside the code that it configures.
import { server as echo } from "../bindings/echo/config.ts";
import * as grpc from "../bindings/grpc/config.ts";
import { proxy as grpcKafka } from "../bindings/grpc-kafka/config.ts";
import * as http from "../bindings/http/config.ts";
import * as kafka from "../bindings/kafka/config.ts";
import { remoteServer as kafkaGrpc } from "../bindings/kafka-grpc/config.ts";
import * as tcp from "../bindings/tcp/config.ts";
import * as tls from "../bindings/tls/config.ts";
import { UNSERVED_TYPES } from "../bindings/unserved.ts";
import { type EntityPart, entitySchema, type Parts } from "../config/part.ts";
import { filesystem as filesystemCatalog, inline as inlineCatalog, registries } from "../resources/catalog/config.ts";
import { identity, inline as inlineGuard, jwt, x509 } from "../resources/guard/config.ts";
import { filesystem as filesystemVault } from "../resources/vault/config.ts";
import { exporters, telemetry } from "../telemetry/config.ts";

const memoryStore: EntityPart<{ readonly type: "memory" }> = {
  type: "memory",
  schema: entitySchema(
    "memory",
    { options: { type: "object", description: "Without effect" } },
    { description: "Keeps values in memory", required: ["type"] },
  ),
  parse: () => ({ type: "memory" }),
};

export const parts: Parts = {
  bindings: [
    tcp.server,
    tcp.client,
    tls.server,
    tls.client,
    tls.proxy,
    http.server,
    http.client,
    grpc.server,
    grpc.client,
    echo,
    grpcKafka,
    kafkaGrpc,
    kafka.cacheClient,
    kafka.cacheServer,
    kafka.client,
  ],
  unserved: UNSERVED_TYPES,
  guards: [jwt, x509, inlineGuard, identity],
  vaults: [filesystemVault],
  catalogs: [filesystemCatalog, inlineCatalog, ...registries],
  stores: [memoryStore],
  exporters,
  telemetry,
};
