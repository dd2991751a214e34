// Which keys a tls binding shows and whom it trusts: the aliases of its options, looked up in its vault.
import { X509Certificate } from "node:crypto";
import { getCACertificates, type SecureContextOptions, type SecureVersion } from "node:tls";
import { hint } from "../../config/nearest.ts";
import { ConfigError } from "../../config/place.ts";
import type { StoreName, Vault, VaultCertificate, VaultKey } from "../../resources/vault.ts";
import type { TlsConfig, TlsSubject } from "./config.ts";

/** The keys that the options name, in that order; all of the vault when they name none. Throws a ConfigError for an alias that is not there. */
export const keysOf = (config: TlsConfig, vault: Vault): readonly VaultKey[] => {
  const all = vault.keys();
  for (const { alias, chainPem } of all)
    if (chainPem === "") throw new ConfigError(config.place, `the key '${alias}' in '${vault.file("keys")}' has no certificate beside it`);
  if (config.signers) return signedBy(config, vault, all);
  if (config.keys === undefined) return all;
  return config.keys.flatMap((alias) => aliased(config, { vault, store: "keys", among: all, alias }));
};

/** The keys whose certificates were issued under one of the names that the signers have. */
const signedBy = (config: TlsConfig, vault: Vault, keys: readonly VaultKey[]): readonly VaultKey[] => {
  const signers = (config.signers ?? []).flatMap((alias) => aliased(config, { vault, store: "signers", among: vault.signers(), alias }));
  const names = new Set(signers.map(({ certificatePem }) => new X509Certificate(certificatePem).subject));
  const chosen = keys.filter(({ chainPem }) => names.has(new X509Certificate(chainPem).issuer));
  if (chosen.length === 0)
    throw new ConfigError(config.place, `no key in '${vault.file("keys")}' was issued by one of the signers ${config.signers?.join(", ")}`);
  return chosen;
};

/** The key whose certificate has that subject. */
export const keyOfSubject = (config: TlsConfig, vault: Vault, subject: TlsSubject): VaultKey => {
  const { commonName, distinguishedName } = subject;
  const wanted = distinguishedName === undefined ? undefined : nameParts(distinguishedName);
  const found = vault.keys().find(({ chainPem }) => {
    const parts = nameParts(new X509Certificate(chainPem).subject.replaceAll("\n", ","));
    return (commonName === undefined || parts.includes(`CN=${commonName}`)) && (wanted === undefined || wanted.join() === parts.join());
  });
  if (found) return found;
  throw new ConfigError(
    config.place,
    `no key in '${vault.file("keys")}' has a certificate with the subject ${distinguishedName ?? `CN=${commonName}`}`,
  );
};

/** The parts of a name in one order, whoever wrote it. */
const nameParts = (name: string): readonly string[] =>
  name
    .split(",")
    .map((part) => part.trim().replace(/\s*=\s*/, "="))
    .sort();

/** Certificates of authorities in PEM; undefined: those that Node trusts. */
export const trustOf = (config: TlsConfig, vault: Vault | undefined): readonly string[] | undefined => {
  const everyOne = config.trust === undefined && config.keys === undefined && config.signers === undefined;
  const chosen = vault === undefined ? [] : everyOne ? vault.trust() : trusted(config, vault, config.trust ?? []);
  const system = config.trustcacerts ?? chosen.length === 0;
  if (chosen.length === 0) return system ? undefined : [];
  return [...chosen.map(({ certificatePem }) => certificatePem), ...(system ? getCACertificates("default") : [])];
};

/** The certificates under those aliases. */
export const trusted = (config: TlsConfig, vault: Vault, aliases: readonly string[]): readonly VaultCertificate[] =>
  aliases.flatMap((alias) => aliased(config, { vault, store: "trust", among: vault.trust(), alias }));

interface Wanted<Entry> {
  readonly vault: Vault;
  readonly store: StoreName;
  readonly among: readonly Entry[];
  readonly alias: string;
}

const aliased = <Entry extends { readonly alias: string }>(config: TlsConfig, wanted: Wanted<Entry>): readonly Entry[] => {
  const { vault, store, among, alias } = wanted;
  const found = among.filter((entry) => entry.alias.toLowerCase() === alias.toLowerCase());
  if (found.length > 0) return found;
  const file = vault.file(store);
  if (file === undefined)
    throw new ConfigError(config.place, `found '${alias}' in '${store}', but the vault '${config.vault}' has no '${store}' store`);
  const names = among.map((entry) => entry.alias);
  throw new ConfigError(config.place, `found '${alias}' in '${store}', but '${file}' has no such entry${hint(alias, names)}`);
};

/** What key and certificate a context shows: one of each kind, the first. */
export const shown = (keys: readonly VaultKey[]): Pick<SecureContextOptions, "key" | "cert"> => {
  const kinds = new Map<string, VaultKey>();
  for (const key of keys) {
    const kind = new X509Certificate(key.chainPem).publicKey.asymmetricKeyType ?? "";
    if (!kinds.has(kind)) kinds.set(kind, key);
  }
  const chosen = [...kinds.values()];
  return chosen.length === 0 ? {} : { key: chosen.map(({ keyPem }) => keyPem), cert: chosen.map(({ chainPem }) => chainPem) };
};

interface Versions {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
}

/** A name as Java has it: the newest version that is spoken. Older ones than 1.2 are not offered any more. */
export const versionsOf = ({ version, place }: TlsConfig): Versions => {
  if (version === undefined || version === "TLS" || version === "TLSv1.3") return { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" };
  if (version === "TLSv1.2") return { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" };
  throw new ConfigError(place, `found version '${version}', but TLSv1.2, TLSv1.3 or TLS is needed`);
};
