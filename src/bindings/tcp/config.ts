// `type: tcp`: what a listener and a connector are told.
import { exitOf } from "../../config/conditions.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema } from "../../config/part.ts";
import { type Pattern, patternOf } from "../../config/pattern.ts";
import { object, ports, type Schema, text } from "../../config/schema.ts";
import { type Cidr, cidrOf, type PortRange, portRanges, portsOf } from "../../config/units.ts";

/** All that is there must hold. A server compares with the local end of a connection, as the original does; a client with where it goes. */
export interface TcpCondition {
  readonly ports?: readonly PortRange[];
  readonly cidr?: Cidr;
  readonly authority?: Pattern;
}

export interface TcpServerRoute {
  readonly exit: string;
  /** Any may hold; none: always. */
  readonly when: readonly TcpCondition[];
}

export interface TcpServerConfig {
  readonly host: string;
  /** Each is a listener; 0 is any free port. */
  readonly ports: readonly number[];
  readonly routes: readonly TcpServerRoute[];
}

export interface TcpClientConfig {
  /** Absent: the caller says where to. */
  readonly host?: string;
  readonly port?: number;
  /** Destinations that callers may name beside the fixed one: any may hold. Undefined: there are no routes, so no bound. */
  readonly allowed?: readonly TcpCondition[];
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
    ...(value.at("port").present ? { ports: portRanges(value.at("port")) } : {}),
    ...(cidr ? { cidr } : {}),
    ...(authority === undefined ? {} : { authority: patternOf(authority) }),
  };
};

const serverRoute = (route: RouteNode): TcpServerRoute => ({ exit: exitOf(route), when: route.when.map(condition) });

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
    host: node.at("options", "host").string() ?? "",
    ports: portsOf(portRanges(node.at("options", "port"))),
    routes: node.routes.map(serverRoute),
  }),
};

const parseClient = (node: BindingNode): TcpClientConfig => {
  const host = node.at("options", "host").string();
  const port = portsOf(portRanges(node.at("options", "port")))[0];
  const routes = node.at("routes");
  const allowed = node.routes.flatMap((route) => (route.when.length > 0 ? route.when.map(condition) : [{}]));
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(routes.present ? { allowed } : {}),
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
