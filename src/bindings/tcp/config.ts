// What the tcp bindings are configured with.
import { exitOf } from "../../config/conditions.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema } from "../../config/part.ts";
import type { Place } from "../../config/place.ts";
import { object, ports, type Schema, text } from "../../config/schema.ts";
import { cidrOf, portRanges, portsOf } from "../../config/units.ts";

/** Inclusive on both ends; a single port is `from === to`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** One entry of `when`: what is given must all match; no ports means any. */
export interface TcpCondition {
  readonly ports: readonly PortRange[];
  /** `address/length`. */
  readonly cidr?: string;
  /** Literal text with `*`. */
  readonly authority?: string;
}

export interface TcpServerRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: always. */
  readonly when: readonly TcpCondition[];
}

export interface TcpServerConfig {
  readonly namespace: string;
  readonly name: string;
  /** Of `options`, for what can only be found at start. */
  readonly place: Place;
  readonly host: string;
  readonly ports: readonly PortRange[];
  /** The binding's own exit is the last of them. */
  readonly routes: readonly TcpServerRoute[];
}

export interface TcpClientConfig {
  readonly namespace: string;
  readonly name: string;
  readonly place: Place;
  /** A fixed destination, for streams that carry none and, without routes, for all. */
  readonly host?: string;
  /** The first port of the list. */
  readonly port?: number;
  /** What a stream's own destination must match, any of them. Absent: no routes are given. */
  readonly when?: readonly TcpCondition[];
}

const CONDITION: Schema = object("All of these must hold", {
  port: ports("The port: one, a range, or several"),
  cidr: text("The block that the address is in: '10.0.0.0/8'"),
  authority: text("The host's name, with '*' for any characters"),
});

const condition = (value: Value): TcpCondition => {
  const cidr = cidrOf(value.at("cidr"));
  const authority = value.at("authority").string();
  return {
    ports: portRanges(value.at("port")),
    ...(cidr ? { cidr: cidr.text } : {}),
    ...(authority === undefined ? {} : { authority }),
  };
};

const serverRoute = (route: RouteNode): TcpServerRoute => ({ exit: exitOf(route), when: route.when.map(condition) });

/** What every configuration has: whose it is, and where its options stand. */
const standing = (node: BindingNode): { readonly namespace: string; readonly name: string; readonly place: Place } => ({
  namespace: node.namespace,
  name: node.name,
  place: node.at("options").keyPlace,
});

export const server: BindingPart<TcpServerConfig> = {
  type: "tcp",
  kind: "server",
  schema: bindingSchema({
    type: "tcp",
    kind: "server",
    description: "Listens on ports",
    options: object(
      "Where to listen",
      { host: text("The address to listen on; 0.0.0.0 for all"), port: ports("The ports to listen on; 0 for any free one") },
      { required: ["host", "port"] },
    ),
    route: { when: CONDITION },
    required: ["options"],
  }),
  parse: (node: BindingNode) => ({
    ...standing(node),
    host: node.at("options", "host").string() ?? "",
    ports: portRanges(node.at("options", "port")),
    routes: node.routes.map(serverRoute),
  }),
};

const parseClient = (node: BindingNode): TcpClientConfig => {
  const host = node.at("options", "host").string();
  const port = portsOf(portRanges(node.at("options", "port")))[0];
  const when = node.routes.flatMap((route) => (route.when.length > 0 ? route.when.map(condition) : [{ ports: [] }]));
  return {
    ...standing(node),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(node.at("routes").present ? { when } : {}),
  };
};

export const client: BindingPart<TcpClientConfig> = {
  type: "tcp",
  kind: "client",
  schema: bindingSchema({
    type: "tcp",
    kind: "client",
    description: "Connects to a fixed address, or to where it is asked to",
    options: object("Where to connect to", {
      host: text("The host to connect to; without it the caller says where to"),
      port: ports("The port to connect to; the first of several"),
    }),
    route: { when: CONDITION, exit: "none" },
    exit: "none",
  }),
  parse: parseClient,
};
