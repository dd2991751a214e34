import assert from "node:assert/strict";
import { test } from "node:test";
import { client, server } from "../../../src/bindings/tcp/config.ts";
import { WHOLE } from "../../config/whole.ts";
import { bindingOf } from "../../kit/config.ts";

test("a server has all ports of its list, and its routes in order", () => {
  const { namespace, name, host, ports, routes } = server.parse(bindingOf(WHOLE, "tcp_in"));
  assert.deepEqual([namespace, name, host], ["example", "tcp_in", "0.0.0.0"]);
  assert.deepEqual(ports, [
    { from: 7151, to: 7151 },
    { from: 7153, to: 7155 },
  ]);
  assert.deepEqual(routes, [
    { exit: "http_in", when: [{ ports: [{ from: 7151, to: 7151 }] }] },
    { exit: "tls_in", when: [{ ports: [{ from: 7153, to: 7155 }], cidr: "10.0.0.0/8" }] },
  ]);
});

test("a server's place is that of its options", () => {
  assert.deepEqual(server.parse(bindingOf(WHOLE, "tcp_in")).place, { file: "zilla.yaml", line: 28, column: 5 });
});

const CLIENT = (keys: string): string => `name: t\nbindings:\n  c: { type: tcp, kind: client${keys} }\n`;

for (const [says, keys, config] of [
  ["without options goes where it is asked to", "", {}],
  ["with options goes to the first port", ", options: { host: kafka, port: [ 9092, 9093 ] }", { host: "kafka", port: 9092 }],
  [
    "with routes goes to what any of them allows as well",
    ", routes: [ { when: [ { authority: '*.example', port: 1-2 }, { cidr: ::/0 } ] }, { when: [] } ]",
    { when: [{ ports: [{ from: 1, to: 2 }], authority: "*.example" }, { ports: [], cidr: "::/0" }, { ports: [] }] },
  ],
] as const) {
  test(`a client ${says}`, () => {
    const { namespace, name, place, ...rest } = client.parse(bindingOf(CLIENT(keys), "c"));
    assert.deepEqual([namespace, name, place.line], ["t", "c", 3]);
    assert.deepEqual(rest, config);
  });
}
