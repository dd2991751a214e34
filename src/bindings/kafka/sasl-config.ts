// Credentials for brokers, in both spellings: `options.sasl`, and `options.authorization` with a guard that may hold the values.
import type { BindingNode, GuardNode, Value } from "../../config/node.ts";
import { exclusive, mapOf, object, oneOf, type Schema, text } from "../../config/schema.ts";
import { HOLDERS } from "../../config/unbuilt.ts";

export const SASL_MECHANISMS = ["plain", "scram-sha-1", "scram-sha-256", "scram-sha-512"] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number] | "oauthbearer";

export type SaslConfig =
  | { readonly mechanism: (typeof SASL_MECHANISMS)[number]; readonly username: string; readonly password: string }
  | { readonly mechanism: "oauthbearer"; readonly token: string };

const VALUE = "; {identity} or {credentials} are those of the guard";

export const SASL_AUTHORIZATION: Schema = mapOf(
  "The guard whose values may stand in the credentials",
  object(
    "What the brokers are shown",
    {
      credentials: object(
        "The credentials",
        {
          mechanism: oneOf("How they are shown", [...SASL_MECHANISMS, "oauthbearer"]),
          username: text(`The user's name${VALUE}`),
          password: text(`The password${VALUE}`),
          token: text(`The token, for oauthbearer${VALUE}`),
        },
        { required: ["mechanism"], allOf: [exclusive("token", "password")] },
      ),
    },
    { required: ["credentials"] },
  ),
  { minProperties: 1, maxProperties: 1 },
);

/** `{identity}` and `{credentials}` are the guard's own; only a guard that holds values has them before anybody calls. */
const resolved = (value: Value, guard: GuardNode | undefined): string => {
  const written = value.string() ?? "";
  const option = /^\{(identity|credentials)\}$/.exec(written)?.[1];
  if (option === undefined || !guard || !HOLDERS.includes(guard.type)) return written;
  const held = guard.at("options", option).string();
  if (held === undefined) value.refuse(`found '${written}', but the guard '${guard.name}' holds no '${option}'`);
  return held ?? "";
};

/** Whether a value is taken from the session of a caller. */
export const isCallers = (written: string | undefined): boolean => /^\{(identity|credentials)\}$/.test(written ?? "");

const needed = (credentials: Value, keys: readonly string[]): void => {
  const mechanism = credentials.at("mechanism").string();
  for (const key of keys) if (!credentials.at(key).present) credentials.at(key).refuse(`missing '${key}', which ${mechanism} needs`);
};

/** The credentials of a kafka client; undefined without any. */
export const saslOf = (node: BindingNode): SaslConfig | undefined => {
  const options = node.at("options");
  const [authorization] = options.at("authorization").entries();
  if (authorization && options.at("sasl").present) {
    options.at("sasl").refuse("found 'sasl' and 'authorization', but only one of them is allowed");
  }
  const credentials = authorization ? authorization[1].at("credentials") : options.at("sasl");
  if (!credentials.present) return undefined;
  const guard = node.authorizations[0]?.target;
  const named = credentials.at("mechanism").string();
  if (named === "oauthbearer") {
    needed(credentials, ["token"]);
    return { mechanism: named, token: resolved(credentials.at("token"), guard) };
  }
  needed(credentials, ["username", "password"]);
  const mechanism = SASL_MECHANISMS.find((each) => each === named) ?? "plain";
  return {
    mechanism,
    username: resolved(credentials.at("username"), guard),
    password: resolved(credentials.at("password"), guard),
  };
};
