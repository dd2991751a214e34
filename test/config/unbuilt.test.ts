import assert from "node:assert/strict";
import { test } from "node:test";
import { unbuilt } from "../../src/config/unbuilt.ts";
import { graphOf, lines } from "../kit/config.ts";
import { changed, placeOf, WHOLE } from "./whole.ts";

const refusals = (text: string): readonly string[] => lines(unbuilt(graphOf(text)).refusals);
const warnings = (text: string): readonly string[] => lines(unbuilt(graphOf(text)).warnings);

const GUARDED = 'guarded: { jwt: [ "echo:messages" ] }\n        when';
const OPEN = changed(GUARDED, "when")
  .replace("\"${guarded['jwt'].identity}\"", "test")
  .replace("\"${guarded['jwt'].attributes.sub}\"", "test");

test("what is built is neither refused nor warned of, but for a guard that nobody uses", () => {
  assert.deepEqual(refusals(OPEN), []);
  assert.deepEqual(warnings(OPEN), ["9:3 guards of type jwt are not built yet; this one is used nowhere"]);
});

test("a guarded route is refused by its place, and its guard is not warned of besides", () => {
  assert.deepEqual(refusals(WHOLE), [
    `${placeOf(WHOLE, "guarded: {")} guards are not built yet, and without them this route would be open to everybody`,
  ]);
  assert.deepEqual(warnings(WHOLE), []);
});

for (const [says, from, to, at, message] of [
  [
    "authorization of an http server",
    "limits: { streams",
    "authorization: { jwt: { credentials: { headers: { authorization: 'Bearer {credentials}' } } } }\n      limits: { streams",
    "authorization: { jwt",
    "authorization is not built yet, and without it nobody would be asked for credentials",
  ],
  [
    "authorization of an http client",
    "options: { versions: [ h2 ] }",
    "options: { versions: [ h2 ], authorization: { held: { credentials: { headers: { authorization: 'Bearer {credentials}' } } } } }",
    "authorization: { held: { credentials: { headers",
    "authorization is not built yet, and without it requests would carry no credentials",
  ],
  [
    "models of requests",
    "limits: { streams",
    "requests: [ { path: /a, content: { model: json, catalog: { protos: [ { subject: a } ] } } } ]\n      limits: { streams",
    "requests: [ {",
    "models are not built yet, and without them requests would not be checked",
  ],
  [
    "a client of HTTP/1.1 alone",
    "options: { versions: [ h2 ] }",
    "options: { versions: [ http/1.1 ] }",
    "versions: [ http/1.1 ]",
    "HTTP/1.1 of clients is not built yet; 'h2' is needed among the versions",
  ],
  [
    "authorization of a tls server",
    "alpn: [ h2 ] }",
    "alpn: [ h2 ], authorization: { jwt: { credentials: { certificates: pem } } } }",
    "authorization: { jwt",
    "authorization is not built yet, and without it certificates would not be looked at",
  ],
  [
    "a client certificate chosen by a caller's session",
    "  tcp_out:\n    type: tcp\n    kind: client\n",
    "  tcp_out:\n    type: tcp\n    kind: client\n  out: { type: tls, kind: client, routes: [ { guarded: { jwt: [] }, with: { certificate: { subject: { cn: \"${guarded['jwt'].identity}\" } } }, exit: tcp_out } ] }\n",
    'cn: "${guarded',
    "a client certificate chosen by a caller's session is not built yet",
  ],
  [
    "revocation lists",
    "      trust: { store",
    "      revocation: crl\n      trust: { store",
    "revocation: crl",
    "revocation lists are not built yet, and without them revoked certificates would be accepted",
  ],
  [
    "a model of a topic",
    "{ name: messages, defaultOffset: live }",
    "{ name: messages, defaultOffset: live, value: string }",
    "value: string",
    "models are not built yet, and without them records would not be checked or converted",
  ],
  [
    "transforms of a topic",
    "{ name: messages, defaultOffset: live }",
    "{ name: messages, transforms: [ { extract-key: '${message.value.id}' } ] }",
    "transforms: [",
    "transforms are not built yet, and without them records would have other keys and headers",
  ],
  [
    "credentials from a caller's session",
    "authorization: { held:",
    "authorization: { jwt:",
    'username: "{identity}"',
    "credentials from a caller's session are not built yet",
  ],
  ["scram-sha-1", "mechanism: plain", "mechanism: scram-sha-1", "mechanism: scram-sha-1", "the mechanism scram-sha-1 is not built yet"],
  [
    "a registry that methods come from",
    "type: filesystem\n    options: { subjects: { echo: { path: protos/echo.proto } } }",
    "type: schema-registry\n    options: { url: 'http://registry:8081' }",
    "protos: [ { subject",
    "catalogs of type schema-registry are not built yet, and without it no method is known",
  ],
  [
    "a type that is not served",
    "  tcp_out:\n    type: tcp\n    kind: client\n",
    "  tcp_out:\n    type: tcp\n    kind: client\n  events: { type: sse, kind: server, exit: tcp_out }\n",
    "sse",
    "bindings of type sse are not served here; take 'events' out, or run it elsewhere",
  ],
  [
    "a tls proxy",
    "  tcp_out:\n    type: tcp\n    kind: client\n",
    "  tcp_out:\n    type: tcp\n    kind: client\n  peek: { type: tls, kind: proxy, exit: tls_in }\n",
    "peek",
    "tls proxies are not built yet",
  ],
] as const) {
  test(`${says}: a start is refused by its place`, () => {
    assert.ok(OPEN.includes(from), from);
    const text = OPEN.replace(from, () => to);
    assert.ok(refusals(text).includes(`${placeOf(text, at)} ${message}`), refusals(text).join());
  });
}

test("certificates that clients are asked for, and one of our own by its name, are built", () => {
  const text = OPEN.replace("alpn: [ h2 ] }", "alpn: [ h2 ], trust: [ ca ], mutual: requested }").replace(
    "  tcp_out:\n    type: tcp\n    kind: client\n",
    "  tcp_out:\n    type: tcp\n    kind: client\n  out: { type: tls, kind: client, routes: [ { with: { certificate: { subject: { cn: a } } }, exit: tcp_out } ] }\n",
  );
  assert.deepEqual(refusals(text), []);
});

test("what would change nothing that is delivered is only warned of", () => {
  const text = OPEN.replace("out: { type: stdout }", "out: { type: otlp, options: { endpoint: { location: 'http://collector' } } }")
    .replace("catalogs:", "stores:\n  memory: { type: memory }\ncatalogs:")
    .replace("[ grpc.* ] }", "[ grpc.* ], attributes: { method: '${http.request.method}' } }");
  assert.deepEqual(refusals(text), []);
  assert.deepEqual(
    warnings(text).map((each) => each.replace(/^\S+ /, "")),
    [
      "guards of type jwt are not built yet; this one is used nowhere",
      "stores are not built yet; nothing is kept",
      "the otlp exporter is not built yet; nothing is sent",
      "labels of http metrics are not built yet; there are none",
    ],
  );
});
