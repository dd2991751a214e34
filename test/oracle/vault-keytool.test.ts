// Key stores as Java writes them.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import type { StoreConfig } from "../../src/resources/vault/config.ts";
import { filesystemVault } from "../../src/resources/vault/filesystem.ts";
import { keytool, temporaryFolder } from "../kit/certificates.ts";
import { needs } from "../kit/needs.ts";
import { NOWHERE } from "../kit/runtime.ts";

const PASSWORD = "generated";
const folder = temporaryFolder();

const storeOf = (name: string): StoreConfig => ({
  path: join(folder, name),
  written: name,
  place: NOWHERE,
  type: "pkcs12",
  password: PASSWORD,
});
const vaultOf = (keys: string, trust: string) =>
  filesystemVault({ keys: storeOf(keys), trust: storeOf(trust) }, { log: silentLog, clock: systemClock });

/** A store with two keys, one with a chain of two, and another with a trusted certificate. */
const made = (form: readonly string[], prefix: string): ReturnType<typeof vaultOf> => {
  const run = (...args: readonly string[]): void =>
    keytool(folder, ...form, ...args, "-storetype", "pkcs12", "-storepass", PASSWORD, "-noprompt");
  const keys = `${prefix}keys.p12`;
  const trust = `${prefix}trust.p12`;
  run("-genkeypair", "-keystore", keys, "-alias", "ca", "-keyalg", "EC", "-dname", "CN=ca", "-ext", "bc:c");
  run(
    "-genkeypair",
    "-keystore",
    keys,
    "-alias",
    "One",
    "-keyalg",
    "RSA",
    "-dname",
    "CN=one",
    "-signer",
    "ca",
    "-ext",
    "san=dns:one.example",
  );
  run("-exportcert", "-keystore", keys, "-alias", "ca", "-rfc", "-file", `${prefix}ca.crt`);
  run("-importcert", "-keystore", trust, "-alias", "MyCA", "-file", `${prefix}ca.crt`);
  return vaultOf(keys, trust);
};

for (const [name, form] of [
  ["today's form", []],
  ["the form of older Javas (3DES, RC2)", ["-J-Dkeystore.pkcs12.legacy"]],
] as const)
  test(`keytool's PKCS#12 in ${name} gives keys with their chains, and trusted certificates, by alias`, needs("keytool"), () => {
    const vault = made(form, form.length === 0 ? "new-" : "old-");
    const keys = vault.keys().map(({ alias, keyPem, chainPem }) => {
      createSecureContext({ key: keyPem, cert: chainPem });
      return [alias.toLowerCase(), new X509Certificate(chainPem).subject, chainPem.match(/BEGIN/g)?.length];
    });
    assert.deepEqual(keys.sort(), [
      ["ca", "CN=ca", 1],
      ["one", "CN=one", 2],
    ]);
    const trusted = vault.trust().map(({ alias, certificatePem }) => [alias.toLowerCase(), new X509Certificate(certificatePem).subject]);
    assert.deepEqual(trusted, [["myca", "CN=ca"]]);
  });
