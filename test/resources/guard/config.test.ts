import assert from "node:assert/strict";
import { test } from "node:test";
import type { GuardNode } from "../../../src/config/node.ts";
import { inline, jwt, x509 } from "../../../src/resources/guard/config.ts";
import { graphOf, mistakesOf, warningsOf } from "../../kit/config.ts";

const GUARD = (guard: string): string => `name: t\nguards:\n  g: ${guard}\n`;

const node = (guard: string): GuardNode => {
  const found = graphOf(GUARD(guard)).namespaces[0]?.guards[0];
  assert.ok(found);
  return found;
};

test("a jwt guard has the original's defaults", () => {
  assert.deepEqual(jwt.parse(node("{ type: jwt, options: { issuer: i, audience: a } }")), {
    type: "jwt",
    issuer: "i",
    audience: "a",
    roles: "scope",
    identity: "sub",
    attributes: {},
  });
});

test("keys of a jwt guard are given, or fetched", () => {
  assert.deepEqual(jwt.parse(node("{ type: jwt, options: { issuer: i, audience: a, keys: 'https://auth/keys' } }")).keys, {
    url: "https://auth/keys",
  });
  const given = jwt.parse(
    node("{ type: jwt, options: { issuer: i, audience: a, keys: [ { kty: RSA, kid: k, alg: RS256, n: x, e: AQAB } ] } }"),
  ).keys;
  assert.deepEqual(JSON.parse(JSON.stringify(given)), { keys: [{ kty: "RSA", kid: "k", alg: "RS256", n: "x", e: "AQAB" }] });
});

test("a jwt guard without issuer or audience is warned of: the original refuses every token", () => {
  assert.deepEqual(
    warningsOf(GUARD("{ type: jwt, options: {} }")).map((each) => each.replace(/^\S+ /, "")),
    ["without 'issuer' the original refuses every token", "without 'audience' the original refuses every token"],
  );
});

test("keys that are neither a list nor an address are a mistake", () => {
  assert.deepEqual(mistakesOf(GUARD("{ type: jwt, options: { keys: here } }")), [
    "3:36 found 'here', but a list of keys or an 'http(s)://…' address is needed",
  ]);
  assert.deepEqual(mistakesOf(GUARD("{ type: jwt, options: { keys: [ { kty: RSA } ] } }")), ["3:38 missing 'kid'"]);
});

test("an x509 guard takes fields of the certificate", () => {
  const options =
    "{ identity: subject.cn, attributes: { org: subject.o }, roles: { admin: [ { subject.o: 'Ops*', issuer.cn: ca }, { subject.cn: root } ] } }";
  assert.deepEqual(x509.parse(node(`{ type: x509, options: ${options} }`)), {
    type: "x509",
    identity: "subject.cn",
    attributes: { org: "subject.o" },
    roles: { admin: [{ "subject.o": "Ops*", "issuer.cn": "ca" }, { "subject.cn": "root" }] },
  });
});

test("an inline guard holds what it is given, also under its earlier name", () => {
  const held = { type: "inline", identity: "i", credentials: "c" };
  assert.deepEqual(inline.parse(node("{ type: inline, options: { identity: i, credentials: c } }")), held);
  assert.deepEqual(inline.parse(node("{ type: identity, options: { identity: i, credentials: c } }")), held);
  assert.deepEqual(warningsOf(GUARD("{ type: identity }")), ["3:8 'type' is an older spelling; write 'inline'"]);
});

test("credentials of an http server stand somewhere, as a pattern", () => {
  const http = (credentials: string): string =>
    `${GUARD("{ type: inline }")}bindings:\n  h: { type: http, kind: server, options: { authorization: { g: { credentials: ${credentials} } } }, exit: e }\n  e: { type: echo, kind: server }\n`;
  assert.deepEqual(mistakesOf(http("{ headers: { authorization: 'Bearer {credentials}' } }")), []);
  assert.deepEqual(mistakesOf(http("{ headers: { authorization: 'Basic {username}:{password}' } }")), []);
  assert.deepEqual(mistakesOf(http("{}")), ["5:67 missing 'headers' or 'cookies' or 'query'"]);
  assert.deepEqual(mistakesOf(http("{ cookies: { token: '{token}' } }")), [
    "5:100 found '{token}', but a text with {credentials}, or with {username} and {password} is needed",
  ]);
});
