// What the grpc bindings are configured with.
import { exitOf, METADATA_SCHEMA, type MetadataCondition, metadataConditions } from "../../config/conditions.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema } from "../../config/part.ts";
import { type Pattern, patternOf } from "../../config/pattern.ts";
import type { Place } from "../../config/place.ts";
import { integer, list, object, ours, type Schema, size, text } from "../../config/schema.ts";
import { sizeBytes } from "../../config/units.ts";
import { CATALOG_USE, type SubjectUse, subjectUses } from "../../resources/catalog/config.ts";

/** One entry of `when`; what is given must all match. */
export interface GrpcCondition {
  /** Compared with `service/method` as a whole. */
  readonly method?: Pattern;
  readonly metadata: readonly MetadataCondition[];
}

export interface GrpcRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: always. */
  readonly when: readonly GrpcCondition[];
}

/** What one message may take. */
export interface GrpcLimits {
  readonly messageBytes: number;
  readonly decompressedMessageBytes: number;
  /** How many times larger than its compressed form a message may be, once it has more than 1 MiB. */
  readonly compressionRatio: number;
}

export const GRPC_LIMITS: GrpcLimits = {
  messageBytes: 4 * 1024 * 1024,
  decompressedMessageBytes: 4 * 1024 * 1024,
  compressionRatio: 100,
};

interface GrpcConfig {
  readonly namespace: string;
  readonly name: string;
  readonly place: Place;
  readonly limits: GrpcLimits;
  /** The binding's own exit is the last of them. */
  readonly routes: readonly GrpcRoute[];
}

export interface GrpcServerConfig extends GrpcConfig {
  /** What its methods are known from; searched in turn. */
  readonly subjects: readonly SubjectUse[];
}

export interface GrpcClientConfig extends GrpcConfig {}

const CONDITION: Schema = object("All of these must hold", {
  method: text("'package.Service/Method'; '*' for any characters, {name} for one or more"),
  metadata: METADATA_SCHEMA,
});

const LIMITS: Schema = ours(
  undefined,
  object("What one message may take", {
    message: ours("4MiB", size("A message as it is sent")),
    "decompressed-message": ours("4MiB", size("A message after it is decompressed")),
    "compression-ratio": ours(100, integer("How many times larger it may become by that, once it has more than 1MiB", { minimum: 1 })),
  }),
);

const SERVICES: Schema = list("Protos, relative to this configuration; 'catalog' is the newer spelling", text("A file"));

const condition = (value: Value): GrpcCondition => {
  const method = value.at("method").string();
  return { ...(method === undefined ? {} : { method: patternOf(method) }), metadata: metadataConditions(value.at("metadata")) };
};

const routeOf = (route: RouteNode): GrpcRoute => ({ exit: exitOf(route), when: route.when.map(condition) });

const common = (node: BindingNode): GrpcConfig => {
  const limits = node.at("options", "limits");
  return {
    namespace: node.namespace,
    name: node.name,
    place: node.keyPlace,
    limits: {
      messageBytes: sizeBytes(limits.at("message"), GRPC_LIMITS.messageBytes),
      decompressedMessageBytes: sizeBytes(limits.at("decompressed-message"), GRPC_LIMITS.decompressedMessageBytes),
      compressionRatio: limits.at("compression-ratio").number() ?? GRPC_LIMITS.compressionRatio,
    },
    routes: node.routes.map(routeOf),
  };
};

const parseServer = (node: BindingNode): GrpcServerConfig => {
  const subjects = subjectUses(node);
  if (subjects.length === 0) node.value.warn("a grpc server without a catalog knows no methods: every call is answered UNIMPLEMENTED");
  return { ...common(node), subjects };
};

const OLDER = [{ path: ["options", "services"], instead: "write 'catalog' with the subjects of a filesystem catalog" }];

export const server: BindingPart<GrpcServerConfig> = {
  type: "grpc",
  kind: "server",
  schema: bindingSchema({
    type: "grpc",
    kind: "server",
    description: "Takes gRPC calls out of HTTP requests",
    options: object("How gRPC is spoken", { services: SERVICES, limits: LIMITS }),
    route: { when: CONDITION },
    keys: { catalog: CATALOG_USE },
  }),
  older: OLDER,
  parse: parseServer,
};

export const client: BindingPart<GrpcClientConfig> = {
  type: "grpc",
  kind: "client",
  schema: bindingSchema({
    type: "grpc",
    kind: "client",
    description: "Makes gRPC calls as HTTP requests",
    options: object("How gRPC is spoken", { services: SERVICES, limits: LIMITS }),
    route: { when: CONDITION },
    keys: { catalog: CATALOG_USE },
  }),
  older: OLDER,
  parse: common,
};
