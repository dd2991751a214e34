// What tls bindings ask of a vault: keys and trusted certificates by alias, in PEM.

/** A private key with its certificate chain, leaf first. */
export interface VaultKey {
  readonly alias: string;
  readonly keyPem: string;
  /** Empty when the store has no certificate of that key. */
  readonly chainPem: string;
}

export interface VaultCertificate {
  readonly alias: string;
  readonly certificatePem: string;
}

export type StoreName = "keys" | "trust" | "signers";

/**
 * Read from its files when first asked and again after they changed: each question gives the same list until then. The first throws a
 * ConfigError that names the file when it cannot be read; a later change that cannot be read is logged, and what was known stands.
 * Aliases mean the same in either case, as Java has it.
 */
export interface Vault {
  keys(): readonly VaultKey[];
  trust(): readonly VaultCertificate[];
  /** The authorities by whose name `signers` chooses keys. */
  signers(): readonly VaultCertificate[];
  /** The file behind, as the configuration spells it; undefined when it names none. */
  file(store: StoreName): string | undefined;
}
