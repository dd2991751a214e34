// Guards: who is let through. The fragments of the types, and of the places where credentials are taken from.
import type { EntityNode, Value } from "../../config/node.ts";
import { type EntityPart, entitySchema } from "../../config/part.ts";
import { either, integer, list, mapOf, object, oneNeeded, reference, type Schema, shared, text } from "../../config/schema.ts";

export interface JwtConfig {
  readonly type: "jwt";
  readonly issuer?: string;
  readonly audience?: string;
  /** Dotted path of the claim that holds roles. */
  readonly roles: string;
  /** JSON Web Keys, or where they are fetched from; absent: from the issuer's well-known address. */
  readonly keys?: { readonly url: string } | { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** The claim that is the identity. */
  readonly identity: string;
  readonly challengeSeconds?: number;
  /** Names to paths of claims. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface X509Config {
  readonly type: "x509";
  /** A field of the certificate. */
  readonly identity: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Any item of a role may match; inside one all fields must. */
  readonly roles: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
}

/** Holds values and verifies nothing. */
export interface InlineConfig {
  readonly type: "inline";
  readonly identity?: string;
  readonly credentials?: string;
  readonly format?: string;
}

const textsOf = (value: Value): Readonly<Record<string, string>> =>
  Object.fromEntries(value.entries().map(([name, each]) => [name, each.string() ?? ""]));

const optional = <Key extends string>(key: Key, value: string | undefined): { readonly [Name in Key]?: string } =>
  value === undefined ? {} : ({ [key]: value } as Record<Key, string>); // A computed key widens to string.

const KEY: Schema = {
  type: "object",
  description: "A JSON Web Key; further members by its kind",
  properties: {
    kty: text("The kind of the key: RSA, EC"),
    kid: text("The id that tokens name it by"),
    alg: text("The algorithm, such as RS256"),
    use: text("What it is for: sig"),
    n: text("RSA modulus"),
    e: text("RSA exponent"),
    crv: text("Curve"),
    x: text("Coordinate"),
    y: text("Coordinate"),
  },
  required: ["kty", "kid"],
};

const STORE: Schema = reference("Where it keeps what it learns");

const jwtKeys = (value: Value): JwtConfig["keys"] => {
  const url = value.string();
  if (url !== undefined) return { url };
  return value.present ? { keys: value.items().map((item) => Object(item.json())) } : undefined;
};

const parseJwt = (node: EntityNode): JwtConfig => {
  const options = node.at("options");
  const keys = jwtKeys(options.at("keys"));
  const challengeSeconds = options.at("challenge").number();
  for (const option of ["issuer", "audience"]) {
    if (!options.at(option).present) options.warn(`without '${option}' the original refuses every token`);
  }
  return {
    type: "jwt",
    ...optional("issuer", options.at("issuer").string()),
    ...optional("audience", options.at("audience").string()),
    roles: options.at("roles").string() ?? "scope",
    ...(keys ? { keys } : {}),
    identity: options.at("identity").string() ?? "sub",
    ...(challengeSeconds === undefined ? {} : { challengeSeconds }),
    attributes: textsOf(options.at("attributes")),
  };
};

export const jwt: EntityPart<JwtConfig> = {
  type: "jwt",
  schema: entitySchema(
    "jwt",
    {
      store: STORE,
      kind: text("Without effect"),
      options: object("Which tokens are accepted", {
        issuer: text("What the claim iss must be"),
        audience: text("What the claim aud must contain"),
        roles: text("The claim that holds the roles", { default: "scope" }),
        keys: {
          description: "Keys of the issuer, or the address they are fetched from; without it the issuer's well-known address",
          if: { type: "array" },
          // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema.
          then: list("Keys", KEY),
          else: { type: "string", pattern: "^https?://", wanted: "a list of keys or an 'http(s)://…' address" },
        },
        identity: text("The claim that is the caller's identity", { default: "sub" }),
        challenge: integer("Seconds before its end in which a token may be asked for again", { minimum: 0 }),
        attributes: mapOf("Further values, by name: paths of claims", text("The path of a claim")),
      }),
    },
    { description: "Accepts JSON Web Tokens", required: ["type", "options"] },
  ),
  older: [{ path: ["kind"], instead: "leave it out" }],
  parse: parseJwt,
};

export const x509: EntityPart<X509Config> = {
  type: "x509",
  schema: entitySchema(
    "x509",
    {
      options: object("What is taken from certificates", {
        identity: text("The field that is the identity", { default: "subject.dn" }),
        attributes: mapOf("Further values, by name: fields", text("A field of the certificate")),
        roles: mapOf(
          "Who has which role",
          list("Any of these", mapOf("All of these fields must match", text("What the field must be; '*' and '?' as wildcards"))),
        ),
      }),
    },
    { description: "Accepts client certificates", required: ["type"] },
  ),
  parse: (node) => {
    const roles = node.at("options", "roles").entries();
    return {
      type: "x509",
      identity: node.at("options", "identity").string() ?? "subject.dn",
      attributes: textsOf(node.at("options", "attributes")),
      roles: Object.fromEntries(roles.map(([role, items]) => [role, items.items().map(textsOf)])),
    };
  },
};

const inlineOf = (type: string): EntityPart<InlineConfig> => ({
  type,
  schema: entitySchema(
    type,
    {
      options: object("The values it holds", {
        identity: text("What {identity} stands for"),
        credentials: text("What {credentials} stands for"),
        format: text("How a caller's value is split: a text with {identity} and {credentials}"),
      }),
    },
    { description: "Holds values and verifies nothing", required: ["type"] },
  ),
  parse: (node) => ({
    type: "inline",
    ...optional("identity", node.at("options", "identity").string()),
    ...optional("credentials", node.at("options", "credentials").string()),
    ...optional("format", node.at("options", "format").string()),
  }),
});

export const inline: EntityPart<InlineConfig> = inlineOf("inline");
/** The earlier name of `inline`. */
export const identity: EntityPart<InlineConfig> = { ...inlineOf("identity"), older: [{ path: ["type"], instead: "write 'inline'" }] };

const CREDENTIAL: Schema = either("a text with {credentials}, or with {username} and {password}", [
  { type: "string", pattern: "\\{credentials\\}" },
  { type: "string", pattern: "\\{username\\}.*\\{password\\}" },
]);

/** `options.authorization` of an http binding: one guard, and where its credentials stand. */
export const HTTP_AUTHORIZATION: Schema = shared(
  "http-authorization",
  mapOf(
    "The guard that is given the caller's credentials",
    object(
      "Where the credentials stand",
      {
        credentials: object(
          "At least one place",
          {
            headers: mapOf("In a header, such as 'authorization: Bearer {credentials}'", CREDENTIAL),
            cookies: mapOf("In a cookie", CREDENTIAL),
            query: mapOf("In the query", CREDENTIAL),
          },
          { allOf: [oneNeeded("headers", "cookies", "query")] },
        ),
      },
      { required: ["credentials"] },
    ),
    { minProperties: 1, maxProperties: 1 },
  ),
);
