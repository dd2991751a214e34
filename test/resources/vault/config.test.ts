import assert from "node:assert/strict";
import { test } from "node:test";
import { filesystem } from "../../../src/resources/vault/config.ts";
import { DIRECTORY, graphOf, mistakesOf } from "../../kit/config.ts";

const VAULT = (options: string): string => `name: t\nvaults:\n  v: { type: filesystem, options: ${options} }\n`;

const parsed = (options: string) => {
  const vault = graphOf(VAULT(options)).namespaces[0]?.vaults[0];
  assert.ok(vault);
  return filesystem.parse(vault);
};

test("paths start from the folder of the configuration", () => {
  const { keys, trust, signers, revocation } = parsed(
    "{ keys: { store: tls/a.p12, password: secret }, trust: { store: /abs/b.p12, entries: [ ca ] } }",
  );
  assert.deepEqual(keys, {
    path: `${DIRECTORY}/tls/a.p12`,
    written: "tls/a.p12",
    place: { file: "zilla.yaml", line: 3, column: 52 },
    type: "pkcs12",
    password: "secret",
  });
  assert.deepEqual([trust?.path, trust?.entries], ["/abs/b.p12", ["ca"]]);
  assert.deepEqual([signers, revocation], [undefined, undefined]);
});

for (const [store, type, meant] of [
  ["tls.pem", undefined, "pem"],
  ["tls.crt", undefined, "pem"],
  ["tls.p12", undefined, "pkcs12"],
  ["tls.jks", "PKCS12", "pkcs12"],
  ["tls", "pem", "pem"],
] as const) {
  test(`a store ${store}${type ? ` of type ${type}` : ""} is read as ${meant}`, () => {
    assert.equal(parsed(`{ keys: { store: ${store}${type ? `, type: ${type}` : ""} } }`).keys?.type, meant);
  });
}

test("Java's own form of store is a mistake at its place", () => {
  assert.deepEqual(mistakesOf(VAULT("{ keys: { store: a.jks, type: jks } }")), ["3:65 found 'jks', but this vault reads pkcs12 or pem"]);
});
