import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { createSecureContext } from "node:tls";
import { ConfigError } from "../../../src/config/place.ts";
import { logTo } from "../../../src/core/log.ts";
import type { StoreConfig } from "../../../src/resources/vault/config.ts";
import { filesystemVault } from "../../../src/resources/vault/filesystem.ts";
import type { Vault } from "../../../src/resources/vault.ts";
import { makeAuthority, makeCertificate, openssl, temporaryFolder } from "../../kit/certificates.ts";
import { ManualClock } from "../../kit/clock.ts";
import { needs } from "../../kit/needs.ts";
import { NOWHERE } from "../../kit/runtime.ts";

const folder = temporaryFolder();
const PASSWORD = "generated";
const { skip } = needs("openssl");

before(() => {
  if (skip) return;
  makeAuthority(folder, "ca");
  makeAuthority(folder, "other-ca");
  makeCertificate(folder, "one", { authority: "ca", names: "DNS:one.example" });
  makeCertificate(folder, "two", { authority: "ca", names: "DNS:two.example" });
});

const lines: string[] = [];
const clock = new ManualClock();

const storeOf = (name: string, given: Partial<StoreConfig> = {}): StoreConfig => ({
  path: join(folder, name),
  written: name,
  place: NOWHERE,
  type: "pkcs12",
  password: PASSWORD,
  ...given,
});

const vaultOf = (stores: { readonly keys?: StoreConfig; readonly trust?: StoreConfig; readonly signers?: StoreConfig }): Vault =>
  filesystemVault(stores, { clock, log: logTo((line) => lines.push(line), "debug") });

const exported = (name: string, key: string, ...options: readonly string[]): string => {
  openssl(
    folder,
    "pkcs12",
    "-export",
    "-inkey",
    `${key}.key`,
    "-in",
    `${key}.crt`,
    "-certfile",
    "ca.crt",
    "-name",
    key,
    "-passout",
    `pass:${PASSWORD}`,
    "-out",
    name,
    ...options,
  );
  return name;
};

/** The key fits the first certificate of its chain, and TLS would take both. */
const usable = (vault: Vault, alias: string, chainLength: number): void => {
  const key = vault.keys().find((each) => each.alias === alias);
  assert.ok(key, `there is ${vault.keys().map((each) => each.alias)}`);
  assert.equal(key.chainPem.match(/BEGIN CERTIFICATE/g)?.length, chainLength);
  assert.equal(new X509Certificate(key.chainPem).subject, `O=Test\nCN=${alias}`);
  createSecureContext({ key: key.keyPem, cert: key.chainPem });
};

test("openssl's PKCS#12 gives the key by its name, with its chain", needs("openssl"), () => {
  for (const options of [
    [],
    ["-macalg", "sha1"],
    ["-macalg", "sha512"],
    ["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC"],
    ["-keypbe", "NONE", "-certpbe", "NONE"],
    ["-nomac"],
    ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"],
    ["-iter", "1"],
  ])
    usable(vaultOf({ keys: storeOf(exported("keys.p12", "one", ...options)) }), "one", 2);
});

test("the older form with RC2 is read too", needs("openssl"), (t) => {
  try {
    exported("legacy.p12", "one", "-legacy");
  } catch {
    t.skip("this openssl has no legacy algorithms");
    return;
  }
  usable(vaultOf({ keys: storeOf("legacy.p12") }), "one", 2);
  assert.throws(() => vaultOf({ keys: storeOf("legacy.p12", { password: "wrong" }) }).keys(), /the password is wrong/);
});

test("certificates that openssl wrote without a key are trusted", needs("openssl"), () => {
  openssl(folder, "pkcs12", "-export", "-nokeys", "-in", "ca.crt", "-caname", "ours", "-passout", `pass:${PASSWORD}`, "-out", "trust.p12");
  const vault = vaultOf({ trust: storeOf("trust.p12") });
  assert.deepEqual(
    vault.trust().map(({ certificatePem }) => new X509Certificate(certificatePem).subject),
    ["CN=ca"],
  );
  assert.deepEqual(vault.keys(), []);
});

test("PEM: a file with key and chain, a key beside its certificate, a folder, and a bundle of authorities", needs("openssl"), () => {
  const text = (name: string): string => readFileSync(join(folder, name), "utf8");
  writeFileSync(join(folder, "both.pem"), text("one.key") + text("one.crt") + text("ca.crt"));
  const both = vaultOf({ keys: storeOf("both.pem", { type: "pem" }) }).keys();
  assert.deepEqual(
    both.map(({ alias, chainPem }) => [alias, chainPem.match(/BEGIN/g)?.length]),
    [["both", 2]],
  );
  usable(vaultOf({ keys: storeOf("one.crt", { type: "pem" }) }), "one", 1);
  mkdirSync(join(folder, "secret"));
  for (const name of ["one.crt", "one.key", "two.crt", "two.key"]) copyFileSync(join(folder, name), join(folder, "secret", name));
  const secret = vaultOf({ keys: storeOf("secret", { type: "pem" }) });
  usable(secret, "one", 1);
  usable(secret, "two", 1);
  writeFileSync(join(folder, "bundle.pem"), text("ca.crt") + text("other-ca.crt"));
  const bundle = vaultOf({ trust: storeOf("bundle.pem", { type: "pem" }) }).trust();
  assert.deepEqual(
    bundle.map(({ alias, certificatePem }) => [alias, new X509Certificate(certificatePem).subject]),
    [
      ["bundle", "CN=ca"],
      ["bundle", "CN=other-ca"],
    ],
  );
});

test("an authority is trusted though its key lies beside it", needs("openssl"), () => {
  assert.ok(readFileSync(join(folder, "ca.key"), "utf8").includes("PRIVATE KEY"));
  const trust = vaultOf({ trust: storeOf("ca.crt", { type: "pem" }) }).trust();
  assert.deepEqual(
    trust.map(({ alias }) => alias),
    ["ca"],
  );
});

test("an encrypted PEM key opens with the password", needs("openssl"), () => {
  openssl(folder, "pkcs8", "-topk8", "-in", "one.key", "-passout", `pass:${PASSWORD}`, "-out", "locked.key");
  copyFileSync(join(folder, "one.crt"), join(folder, "locked.crt"));
  assert.equal(vaultOf({ keys: storeOf("locked.crt", { type: "pem" }) }).keys().length, 1);
  assert.throws(
    () => vaultOf({ keys: storeOf("locked.crt", { type: "pem", password: "wrong" }) }).keys(),
    /cannot open 'locked.crt': the password is wrong/,
  );
});

test("entries limit what is offered, in either case; one that is not there is refused by name", needs("openssl"), () => {
  exported("entries.p12", "one");
  assert.equal(vaultOf({ keys: storeOf("entries.p12", { entries: ["ONE"] }) }).keys().length, 1);
  assert.throws(
    () => vaultOf({ keys: storeOf("entries.p12", { entries: ["onr"] }) }).keys(),
    /'entries.p12' has no entry 'onr'; did you mean 'one'\?/,
  );
});

test("what cannot be read says which file and why", needs("openssl"), () => {
  exported("good.p12", "one");
  const whole = readFileSync(join(folder, "good.p12"));
  writeFileSync(join(folder, "cut.p12"), whole.subarray(0, whole.length / 2));
  writeFileSync(
    join(folder, "bent.p12"),
    whole.map((byte, i) => (i === whole.length - 100 ? byte ^ 1 : byte)),
  );
  writeFileSync(join(folder, "jks.p12"), Buffer.from("feedfeed00000002", "hex"));
  writeFileSync(join(folder, "empty.p12"), "");
  const { password: _, ...open } = storeOf("good.p12");
  for (const [store, message] of [
    [storeOf("none.p12"), "cannot read 'none.p12': there is no such file"],
    [storeOf("none", { type: "pem" }), "cannot read 'none': there is no such file"],
    [storeOf("good.p12", { password: "wrong" }), "cannot open 'good.p12': the password is wrong, or the file is damaged"],
    [open, "cannot open 'good.p12': it needs a password"],
    [storeOf("bent.p12"), "cannot open 'bent.p12': the password is wrong, or the file is damaged"],
    [storeOf("cut.p12"), "'cut.p12' is not PKCS#12: the bytes end too early"],
    [storeOf("empty.p12"), "'empty.p12' is not PKCS#12: the bytes end too early"],
    [storeOf("one.crt"), "'one.crt' is not PKCS#12: it is PEM, so 'type: pem' is needed"],
    [
      storeOf("jks.p12"),
      "'jks.p12' is not PKCS#12: it is a JKS key store; 'keytool -importkeystore -deststoretype pkcs12' makes PKCS#12 of it",
    ],
  ] as const)
    assert.throws(
      () => vaultOf({ keys: store }).keys(),
      (reason) => {
        assert.ok(reason instanceof ConfigError, String(reason));
        assert.equal(reason.message, message);
        return true;
      },
    );
});

test("a store that changes is read again, one that is broken by a change keeps what was known and says so once", needs("openssl"), () => {
  exported("renewed.p12", "one");
  const vault = vaultOf({ keys: storeOf("renewed.p12") });
  const first = vault.keys();
  clock.advance(2_000);
  assert.equal(vault.keys(), first, "unchanged files give the same list");
  exported("renewed.p12", "two");
  assert.equal(vault.keys(), first, "not looked at again within a second");
  clock.advance(2_000);
  assert.deepEqual(
    vault.keys().map(({ alias }) => alias),
    ["two"],
  );
  writeFileSync(join(folder, "renewed.p12"), "half");
  lines.length = 0;
  for (let i = 0; i < 3; i++) {
    clock.advance(2_000);
    assert.deepEqual(
      vault.keys().map(({ alias }) => alias),
      ["two"],
    );
  }
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /warn a key store has changed and cannot be read.*renewed\.p12/);
});

test("a vault without a store has nothing of it", () => {
  const vault = vaultOf({});
  assert.deepEqual([vault.keys(), vault.trust(), vault.signers(), vault.file("keys")], [[], [], [], undefined]);
});
