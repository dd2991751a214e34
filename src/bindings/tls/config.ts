// What the tls bindings are configured with.
import { callerText, exitOf } from "../../config/conditions.ts";
import type { BindingNode, RouteNode, Value } from "../../config/node.ts";
import { type BindingPart, bindingSchema, KEY_NAMES, VAULT } from "../../config/part.ts";
import type { Place } from "../../config/place.ts";
import { exclusive, flag, guardedText, list, mapOf, object, oneNeeded, oneOf, ports, type Schema, text } from "../../config/schema.ts";
import { portRanges } from "../../config/units.ts";

export type Mutual = "required" | "requested" | "none";

/** Inclusive on both ends. */
export interface TlsPortRange {
  readonly from: number;
  readonly to: number;
}

/** One entry of `when`: what is given must all match. */
export interface TlsCondition {
  /** Literal text with `*`, against the SNI. */
  readonly authority?: string;
  /** Literal text with `*`. */
  readonly alpn?: string;
  /** None: any. */
  readonly ports: readonly TlsPortRange[];
  /** Server: whether the caller has shown a certificate that was verified. */
  readonly mutual?: "required" | "none";
  /** Server: aliases of the vault, one of which must stand in the caller's chain. */
  readonly trust?: readonly string[];
}

/** A client certificate chosen by its subject. */
export interface TlsSubject {
  readonly commonName?: string;
  readonly distinguishedName?: string;
}

export interface TlsRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: always. */
  readonly when: readonly TlsCondition[];
  /** Client: `with.certificate.subject`. */
  readonly certificate?: TlsSubject;
}

export interface TlsConfig {
  readonly namespace: string;
  readonly name: string;
  /** Of `options`, for what can only be found at start. */
  readonly place: Place;
  /** As the file spells it. */
  readonly vault?: string;
  /** `TLSv1.2`, `TLSv1.3`, `TLS`. */
  readonly version?: string;
  readonly keys?: readonly string[];
  readonly signers?: readonly string[];
  readonly trust?: readonly string[];
  readonly trustcacerts?: boolean;
  readonly sni?: readonly string[];
  readonly alpn?: readonly string[];
  /** The binding's own exit is the last of them. */
  readonly routes: readonly TlsRoute[];
}

export interface TlsServerConfig extends TlsConfig {
  readonly mutual?: Mutual;
}

export interface TlsClientConfig extends TlsConfig {}

const MUTUAL = ["required", "requested", "none"] as const;

const COMMON = {
  version: text("The name of a protocol, such as TLSv1.2; without it 1.2 and 1.3"),
  keys: KEY_NAMES("Private keys with their certificates, by alias in the vault"),
  signers: KEY_NAMES("Keys are chosen by who issued their certificates, by alias in the vault"),
  trust: KEY_NAMES("Authorities that the other side's certificates may come from, by alias in the vault"),
  trustcacerts: flag("Whether the system's authorities are trusted too"),
  sni: list("Server names", text("A host's name")),
  alpn: list("Protocols above, in the order of preference", text("h2, http/1.1")),
};

const SERVER_CONDITION: Schema = object("All of these must hold", {
  authority: text("The server name that the client asks for, with '*' for any characters"),
  alpn: text("The protocol agreed on, with '*' for any characters"),
  port: ports("The local port"),
  mutual: oneOf("Whether the client showed a certificate", ["required", "none"]),
  trust: KEY_NAMES("Authorities one of which issued the client's certificate"),
});
const CLIENT_CONDITION: Schema = object("All of these must hold", {
  authority: text("The host that is asked for, with '*' for any characters"),
  alpn: text("The protocol that is asked for, with '*' for any characters"),
  port: ports("The port that is asked for"),
});

const CERTIFICATE: Schema = object("What this route's connections show of themselves", {
  certificate: object("Which client certificate", {
    subject: object("Its subject", { cn: guardedText("The common name"), dn: guardedText("The whole name") }),
  }),
});

const texted = <Key extends string>(value: Value, key: Key): { readonly [Name in Key]?: string } => {
  const text = value.at(key).string();
  return text === undefined ? {} : ({ [key]: text } as Record<Key, string>); // A computed key widens to string.
};

const listed = <Key extends string>(value: Value, key: Key): { readonly [Name in Key]?: readonly string[] } =>
  value.at(key).present ? ({ [key]: value.at(key).strings() } as Record<Key, readonly string[]>) : {}; // As above.

const condition = (value: Value): TlsCondition => {
  const mutual = value.at("mutual").string();
  return {
    ...texted(value, "authority"),
    ...texted(value, "alpn"),
    ports: portRanges(value.at("port")),
    ...(mutual === "required" || mutual === "none" ? { mutual } : {}),
    ...listed(value, "trust"),
  };
};

const subjectOf = (route: RouteNode): { readonly certificate?: TlsSubject } => {
  const subject = route.with.at("certificate", "subject");
  for (const [, name] of subject.entries()) callerText(name, route.guarded); // Refuses a guard that the route does not ask.
  const commonName = subject.at("cn").string();
  const distinguishedName = subject.at("dn").string();
  const certificate = {
    ...(commonName === undefined ? {} : { commonName }),
    ...(distinguishedName === undefined ? {} : { distinguishedName }),
  };
  return subject.present ? { certificate } : {};
};

const routeOf = (route: RouteNode): TlsRoute => ({ exit: exitOf(route), when: route.when.map(condition), ...subjectOf(route) });

const common = (node: BindingNode): TlsConfig => {
  const options = node.at("options");
  const trustcacerts = options.at("trustcacerts").boolean();
  return {
    namespace: node.namespace,
    name: node.name,
    place: options.keyPlace,
    ...(node.vault ? { vault: node.vault.text } : {}),
    ...texted(options, "version"),
    ...listed(options, "keys"),
    ...listed(options, "signers"),
    ...listed(options, "trust"),
    ...(trustcacerts === undefined ? {} : { trustcacerts }),
    ...listed(options, "sni"),
    ...listed(options, "alpn"),
    routes: node.routes.map(routeOf),
  };
};

const parseServer = (node: BindingNode): TlsServerConfig => {
  const mutual = MUTUAL.find((each) => each === node.at("options", "mutual").string());
  return { ...common(node), ...(mutual ? { mutual } : {}) };
};

const parseClient = (node: BindingNode): TlsClientConfig => {
  const options = node.at("options");
  const needsVault = ["keys", "signers", "trust"].filter((key) => options.at(key).present);
  for (const key of node.vault ? [] : needsVault)
    options.at(key).refuse(`found '${key}', but the binding names no 'vault' to take them from`);
  return common(node);
};

export const server: BindingPart<TlsServerConfig> = {
  type: "tls",
  kind: "server",
  schema: bindingSchema({
    type: "tls",
    kind: "server",
    description: "Speaks TLS with clients",
    options: object(
      "Keys, authorities, names and protocols",
      {
        ...COMMON,
        mutual: oneOf("Whether clients show certificates; required when an authority is trusted, else none", MUTUAL),
        authorization: mapOf(
          "The guard that is told of the client's certificates",
          object("How", { credentials: object("What the guard gets", { certificates: oneOf("Their form", ["pem"]) }) }),
          { minProperties: 1, maxProperties: 1 },
        ),
      },
      { allOf: [oneNeeded("keys", "signers"), exclusive("keys", "signers")] },
    ),
    route: { when: SERVER_CONDITION },
    keys: { vault: VAULT },
    required: ["vault"],
  }),
  parse: parseServer,
};

export const client: BindingPart<TlsClientConfig> = {
  type: "tls",
  kind: "client",
  schema: bindingSchema({
    type: "tls",
    kind: "client",
    description: "Speaks TLS with servers",
    options: object("Keys, authorities, names and protocols", COMMON, { allOf: [exclusive("keys", "signers")] }),
    route: { when: CLIENT_CONDITION, with: CERTIFICATE },
    keys: { vault: VAULT },
  }),
  parse: parseClient,
};

export const proxy: BindingPart<readonly TlsRoute[]> = {
  type: "tls",
  kind: "proxy",
  schema: bindingSchema({
    type: "tls",
    kind: "proxy",
    description: "Looks at the server name and passes TLS on",
    route: { when: CLIENT_CONDITION },
  }),
  parse: (node) => node.routes.map(routeOf),
};
