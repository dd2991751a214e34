// Certificates, a vault that is a list, and what every test of TLS does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import type { Vault, VaultCertificate, VaultKey } from "../../../src/resources/vault.ts";
import { makeAuthority, makeCertificate, temporaryFolder } from "../../kit/certificates.ts";
import { needs } from "../../kit/needs.ts";

const folder = temporaryFolder();
const wanted = needs("openssl");

before(() => {
  if (wanted.skip) return;
  makeAuthority(folder, "ca");
  makeAuthority(folder, "other-ca");
  makeCertificate(folder, "one", { authority: "ca", names: "DNS:one.example,DNS:localhost,IP:127.0.0.1" });
  makeCertificate(folder, "two", { authority: "ca", names: "DNS:two.example" });
  makeCertificate(folder, "caller", { authority: "ca", names: "DNS:caller.example" });
  makeCertificate(folder, "stranger", { authority: "other-ca", names: "DNS:stranger.example" });
});

export const pem = (name: string): string => readFileSync(join(folder, name), "utf8");
export const key = (name: string): VaultKey => ({ alias: name, keyPem: pem(`${name}.key`), chainPem: pem(`${name}.crt`) });
export const authority = (name: string): VaultCertificate => ({ alias: name, certificatePem: pem(`${name}.crt`) });

/** What it holds may be exchanged. */
export interface TestVault extends Vault {
  held: { keys: readonly VaultKey[]; trust: readonly VaultCertificate[]; signers: readonly VaultCertificate[] };
}
export const vaultOf = (keys: readonly string[], trust: readonly string[] = [], signers: readonly string[] = []): TestVault => {
  const vault: TestVault = {
    held: { keys: keys.map(key), trust: trust.map(authority), signers: signers.map(authority) },
    keys: () => vault.held.keys,
    trust: () => vault.held.trust,
    signers: () => vault.held.signers,
    file: (store) => `${store}.p12`,
  };
  return vault;
};

export const check = (name: string, show: (t: TestContext) => Promise<void>): void => {
  test(name, { ...wanted, timeout: 20_000 }, show);
};
