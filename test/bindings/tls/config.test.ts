import assert from "node:assert/strict";
import { test } from "node:test";
import { client, server } from "../../../src/bindings/tls/config.ts";
import { WHOLE } from "../../config/whole.ts";
import { bindingOf, mistakesOf } from "../../kit/config.ts";

test("a server has its vault, keys, names and protocols", () => {
  const { vault, keys, sni, alpn, trust, mutual, routes } = server.parse(bindingOf(WHOLE, "tls_in"));
  assert.deepEqual([vault, keys, sni, alpn], ["keys", ["localhost"], ["localhost"], ["h2"]]);
  assert.deepEqual([trust, mutual], [undefined, undefined]);
  assert.deepEqual(routes, [{ exit: "http_in", when: [] }]);
});

const TLS = (kind: string, keys: string): string => `name: t
vaults: { v: { type: filesystem, options: { keys: { store: k.p12 } } } }
bindings:
  tls: { type: tls, kind: ${kind}${keys}, exit: e }
  e: { type: echo, kind: server }
`;

test("a client needs neither vault nor options", () => {
  const { vault, trustcacerts, routes } = client.parse(bindingOf(TLS("client", ""), "tls"));
  assert.deepEqual([vault, trustcacerts, routes.length], [undefined, undefined, 1]);
});

test("a client that names aliases needs a vault to take them from", () => {
  assert.deepEqual(mistakesOf(TLS("client", ", options: { trust: [ ca ] }")), [
    "4:53 found 'trust', but the binding names no 'vault' to take them from",
  ]);
  assert.deepEqual(mistakesOf(TLS("client", ", vault: v, options: { trust: [ ca ] }")), []);
});

test("conditions and certificates of routes are read", () => {
  const routes = `, vault: v, routes: [ { when: [ { authority: '*.example', alpn: h2, port: 1 } ], with: { certificate: { subject: { cn: me } } }, exit: e } ]`;
  assert.deepEqual(client.parse(bindingOf(TLS("client", routes), "tls")).routes[0], {
    exit: "e",
    when: [{ authority: "*.example", alpn: "h2", ports: [{ from: 1, to: 1 }] }],
    certificate: { commonName: "me" },
  });
});

test("a server may ask for certificates, by binding and by route", () => {
  const keys = `, vault: v, options: { signers: [ ca ], trust: [ ca ], mutual: requested, trustcacerts: true, version: TLSv1.3 }, routes: [ { when: [ { mutual: required, trust: [ ca ] } ], exit: e } ]`;
  const config = server.parse(bindingOf(TLS("server", keys), "tls"));
  assert.deepEqual(
    [config.signers, config.trust, config.mutual, config.trustcacerts, config.version],
    [["ca"], ["ca"], "requested", true, "TLSv1.3"],
  );
  assert.deepEqual(config.routes[0]?.when, [{ ports: [], mutual: "required", trust: ["ca"] }]);
});

test("a certificate chosen by a guard that the route does not ask is a mistake", () => {
  const routes = `, routes: [ { with: { certificate: { subject: { dn: "\${guarded['g'].identity}" } } }, exit: e } ]`;
  assert.deepEqual(mistakesOf(TLS("client", routes)), ["4:85 found the guard 'g', but the 'guarded' of this route does not name it"]);
});
