// `type: filesystem` of a vault: which files hold keys and authorities.
import type { EntityNode, Value } from "../../config/node.ts";
import { type EntityPart, entitySchema } from "../../config/part.ts";
import type { Place } from "../../config/place.ts";
import { list, object, oneOf, type Schema, text } from "../../config/schema.ts";
import { fileOf } from "../catalog/config.ts";

/** A file with keys or certificates. */
export interface StoreConfig {
  /** Absolute. */
  readonly path: string;
  /** As the file spells it, for messages. */
  readonly written: string;
  readonly place: Place;
  /** `pkcs12` unless said otherwise; `pem` is ours. */
  readonly type: string;
  readonly password?: string;
  /** The aliases that are offered; absent: all. */
  readonly entries?: readonly string[];
}

export interface FilesystemVaultConfig {
  readonly keys?: StoreConfig;
  readonly trust?: StoreConfig;
  readonly signers?: StoreConfig;
  /** `crl`: certificates of the other side are looked up in revocation lists. */
  readonly revocation?: "crl" | "none";
}

const store = (description: string): Schema =>
  object(
    description,
    {
      store: text("A file, relative to this configuration"),
      type: text("Its form: pkcs12, or pem", { default: "pkcs12" }),
      password: text("What opens it"),
      entries: list("The aliases that are offered; all without it", text("An alias")),
    },
    { required: ["store"] },
  );

const storeOf = (node: EntityNode, value: Value): StoreConfig | undefined => {
  if (!value.present) return undefined;
  const written = value.at("store").string() ?? "";
  const type = value.at("type").string() ?? (/\.(pem|crt|cer|key)$/.test(written) ? "pem" : "pkcs12");
  if (!STORE_TYPES.includes(type.toLowerCase())) {
    value.at("type").refuse(`found '${type}', but this vault reads ${STORE_TYPES.join(" or ")}`);
  }
  const password = value.at("password").string();
  return {
    path: fileOf(node, written),
    written,
    place: value.at("store").place,
    type: type.toLowerCase(),
    ...(password === undefined ? {} : { password }),
    ...(value.at("entries").present ? { entries: value.at("entries").strings() } : {}),
  };
};

const STORE_TYPES: readonly string[] = ["pkcs12", "pem"];

const parse = (node: EntityNode): FilesystemVaultConfig => {
  const options = node.at("options");
  const keys = storeOf(node, options.at("keys"));
  const trust = storeOf(node, options.at("trust"));
  const signers = storeOf(node, options.at("signers"));
  const revocation = options.at("revocation").string();
  return {
    ...(keys ? { keys } : {}),
    ...(trust ? { trust } : {}),
    ...(signers ? { signers } : {}),
    ...(revocation === "crl" || revocation === "none" ? { revocation } : {}),
  };
};

export const filesystem: EntityPart<FilesystemVaultConfig> = {
  type: "filesystem",
  schema: entitySchema(
    "filesystem",
    {
      options: object("Which files", {
        keys: store("Private keys with their certificates"),
        trust: store("Certificates of authorities"),
        signers: store("Certificates of authorities by which keys are chosen"),
        revocation: oneOf("Whether revocation lists are looked at", ["crl", "none"]),
        secrets: { type: "object", description: "Other secrets; without effect here" },
      }),
    },
    { description: "Reads keys and certificates from files", required: ["type"] },
  ),
  parse,
};
