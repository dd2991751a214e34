// What tls bindings ask of a vault: keys and trusted certificates by alias, in PEM.

/** A private key with its certificate chain, leaf first. */
export interface VaultKey {
  readonly alias: string;
  readonly keyPem: string;
  readonly chainPem: string;
}

export interface VaultCertificate {
  readonly alias: string;
  readonly certificatePem: string;
}

/** Read from its files when first asked and again after they changed. */
export interface Vault {
  keys(): readonly VaultKey[];
  trust(): readonly VaultCertificate[];
  /** The authorities by whose name `signers` chooses keys. */
  signers(): readonly VaultCertificate[];
}
