import assert from "node:assert/strict";
import { test } from "node:test";
import { server as grpcServer } from "../../src/bindings/grpc/config.ts";
import { client as kafkaClient } from "../../src/bindings/kafka/config.ts";
import { client as tcpClient } from "../../src/bindings/tcp/config.ts";
import { FILES } from "../../src/resources/catalog/config.ts";
import { bindingOf, mistakesOf, warningsOf } from "../kit/config.ts";

const KAFKA = (options: string, routes = ""): string => `name: t
guards:
  held: { type: inline, options: { identity: user, credentials: secret } }
bindings:
  k:
    type: kafka
    kind: client
    options: ${options}
${routes}    exit: c
  c: { type: tcp, kind: client }
`;

const SASL = { mechanism: "scram-sha-512", username: "user", password: "secret" };

for (const [dialect, options, warning] of [
  [
    "0.9",
    "{ servers: [ k:9092 ], sasl: { mechanism: scram-sha-512, username: user, password: secret } }",
    ["8:37 'sasl' is an older spelling; write 'authorization: { <guard>: { credentials: { mechanism, username, password } } }'"],
  ],
  [
    "2.x, literal",
    "{ servers: [ k:9092 ], authorization: { held: { credentials: { mechanism: scram-sha-512, username: user, password: secret } } } }",
    [],
  ],
  [
    "2.x, from the guard",
    '{ servers: [ k:9092 ], authorization: { held: { credentials: { mechanism: scram-sha-512, username: "{identity}", password: "{credentials}" } } } }',
    [],
  ],
] as const) {
  test(`credentials for brokers in the dialect ${dialect} come to the same`, () => {
    assert.deepEqual(kafkaClient.parse(bindingOf(KAFKA(options), "k")).sasl, SASL);
    assert.deepEqual(warningsOf(KAFKA(options)), warning);
  });
}

test("both spellings of credentials at once are a mistake", () => {
  const both =
    "{ sasl: { mechanism: plain, username: a, password: b }, authorization: { held: { credentials: { mechanism: plain, username: a, password: b } } } }";
  assert.deepEqual(mistakesOf(KAFKA(both)), ["8:16 found 'sasl' and 'authorization', but only one of them is allowed"]);
});

test("a guard that holds no credentials cannot give any", () => {
  const text = KAFKA(
    '{ authorization: { held: { credentials: { mechanism: plain, username: "{identity}", password: "{credentials}" } } } }',
  );
  assert.deepEqual(mistakesOf(text.replace(", credentials: secret", "")), [
    "8:108 found '{credentials}', but the guard 'held' holds no 'credentials'",
  ]);
});

test("topics of a kafka client's routes are accepted and warned of", () => {
  const text = KAFKA("{ servers: [ k:9092 ] }", "    routes: [ { when: [ { topic: a } ], exit: c } ]\n");
  assert.deepEqual(warningsOf(text), ["9:17 'when' is an older spelling; leave it out: a kafka client has one exit for all topics"]);
  assert.equal(kafkaClient.parse(bindingOf(text, "k")).routes.length, 2);
});

const GRPC = (keys: string): string => `name: t
catalogs:
  files: { type: filesystem, options: { subjects: { echo: { path: protos/echo.proto } } } }
bindings:
  g:
    type: grpc
    kind: server
${keys}
    exit: e
  e: { type: echo, kind: server }
`;

test("protos named by a grpc server itself are subjects of a catalog of files", () => {
  const text = GRPC("    options: { services: [ protos/echo.proto, protos/more.proto ] }");
  const { subjects } = grpcServer.parse(bindingOf(text, "g"));
  assert.deepEqual(
    subjects.map(({ catalog, subject, version }) => [catalog, subject, version]),
    [
      [FILES, "protos/echo.proto", "latest"],
      [FILES, "protos/more.proto", "latest"],
    ],
  );
  assert.deepEqual(warningsOf(text), ["8:16 'services' is an older spelling; write 'catalog' with the subjects of a filesystem catalog"]);
});

test("protos of a catalog are subjects by their name", () => {
  const { subjects } = grpcServer.parse(bindingOf(GRPC("    catalog: { files: [ { subject: echo, version: '1' } ] }"), "g"));
  assert.deepEqual(
    subjects.map(({ catalog, subject, version }) => [catalog, subject, version]),
    [["files", "echo", "1"]],
  );
});

test("a grpc server without protos is warned of, and so is an entry without a subject", () => {
  assert.deepEqual(warningsOf(GRPC("")), ["5:3 a grpc server without a catalog knows no methods: every call is answered UNIMPLEMENTED"]);
  assert.deepEqual(warningsOf(GRPC("    catalog: { files: [ { id: 1 }, { subject: echo } ] }")), [
    "8:25 an entry without 'subject' has no effect here",
  ]);
});

test("deltaType and a guard's kind are warned of", () => {
  const text = `name: t
guards:
  g: { type: jwt, kind: server, options: { issuer: i, audience: a } }
bindings:
  s: { type: kafka, kind: cache_server, options: { topics: [ { name: a, deltaType: json_patch } ] }, exit: c }
  c: { type: kafka, kind: client, exit: t }
  t: { type: tcp, kind: client }
`;
  assert.deepEqual(warningsOf(text), [
    "3:19 'kind' is an older spelling; leave it out",
    "5:73 'deltaType' is an older spelling; leave it out: it has no effect",
  ]);
});

test("the older tcp client under a kafka client has a fixed address and allowed ones", () => {
  const text = `name: t
bindings:
  c: { type: tcp, kind: client, options: { host: kafka, port: 29092 }, routes: [ { when: [ { cidr: 0.0.0.0/0 } ] } ] }
`;
  const { host, port, when } = tcpClient.parse(bindingOf(text, "c"));
  assert.deepEqual([host, port, when], ["kafka", 29092, [{ ports: [], cidr: "0.0.0.0/0" }]]);
});

test("routes of a tcp server need no exit of their own where the binding has one", () => {
  const text = `name: t
bindings:
  s: { type: tcp, kind: server, options: { host: 0.0.0.0, port: 1 }, routes: [ { when: [ { port: 1 } ] } ], exit: e }
  e: { type: echo, kind: server }
`;
  assert.deepEqual(
    bindingOf(text, "s").routes.map(({ exit }) => exit?.text),
    ["e", "e"],
  );
});
