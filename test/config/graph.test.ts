import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf, mistakesOf } from "../kit/config.ts";
import { WHOLE } from "./whole.ts";

const TWO = `name: front
bindings:
  in:
    type: tcp
    kind: server
    options: { host: 127.0.0.1, port: 0 }
    exit: back:echo
---
name: back
bindings:
  echo: { type: echo, kind: server }
  other: { type: tcp, kind: server, options: { host: 127.0.0.1, port: 0 }, exit: echo }
`;

test("a reference leads into another namespace, whichever stands first", () => {
  const { bindings } = graphOf(TWO);
  const [front] = bindings;
  assert.equal(front?.exit?.target.qualified, "back:echo");
  assert.equal(front?.exit?.text, "back:echo");
  assert.deepEqual(front?.exit?.place, { file: "zilla.yaml", line: 7, column: 11 });
  const [first, second] = TWO.split("---\n");
  assert.equal(graphOf(`${second}---\n${first}`).bindings.at(-1)?.exit?.target.qualified, "back:echo");
});

test("a name without its namespace is sought in its own only", () => {
  assert.deepEqual(mistakesOf(TWO.replace("back:echo", "echo")), ["7:11 found 'echo', no such binding; allowed: in"]);
});

test("two documents of one name are a mistake", () => {
  assert.deepEqual(mistakesOf("name: a\n---\nname: a\n"), ["3:7 the namespace 'a' stands twice in this file; allowed: once"]);
});

test("the exit of a binding is its last route, without conditions", () => {
  const node = graphOf(TWO).bindings[0];
  assert.equal(node?.routes.length, 1);
  assert.deepEqual(
    node?.routes.map(({ when, guarded, with: forms, exit }) => [when.length, guarded.length, forms.present, exit?.text]),
    [[0, 0, false, "back:echo"]],
  );
});

test("guards, catalogs, vaults and authorizations of a binding are resolved", () => {
  const { bindings } = graphOf(WHOLE);
  const named = (name: string) => bindings.find((node) => node.name === name);
  assert.deepEqual(
    named("mapping")?.routes[0]?.guarded.map(({ guard, roles }) => [guard.target.type, roles]),
    [["jwt", ["echo:messages"]]],
  );
  assert.deepEqual(
    named("grpc_in")?.catalogs.map(({ catalog, schemas }) => [catalog.target.qualified, schemas.length]),
    [["example:protos", 1]],
  );
  assert.equal(named("tls_in")?.vault?.target.qualified, "example:keys");
  assert.equal(named("remote")?.entry?.target.kind, "cache_client");
  assert.deepEqual(
    named("kafka_out")?.authorizations.map(({ target }) => target.name),
    ["held"],
  );
});

test("a node knows the places of its values, and of what it lacks", () => {
  const node = graphOf(WHOLE).bindings.find(({ name }) => name === "tcp_in");
  assert.deepEqual(node?.place("options", "port", 1), { file: "zilla.yaml", line: 28, column: 45 });
  assert.deepEqual(node?.keyPlace, { file: "zilla.yaml", line: 25, column: 3 });
  assert.deepEqual(node?.place("options", "backlog"), { file: "zilla.yaml", line: 28, column: 5 });
  assert.deepEqual(node?.place("vault"), node?.keyPlace);
});

test("a graph has its bindings, guards, vaults, catalogs and exporters by namespace", () => {
  const [namespace] = graphOf(WHOLE).namespaces;
  assert.deepEqual(
    [
      namespace?.bindings.length,
      namespace?.guards.length,
      namespace?.vaults.length,
      namespace?.catalogs.length,
      namespace?.exporters.length,
    ],
    [12, 2, 1, 1, 2],
  );
  assert.deepEqual(namespace?.value.at("telemetry", "metrics").strings(), ["grpc.duration", "stream.opens.received"]);
});

test("types that are not served are nodes of the graph, with their exits checked", () => {
  const text = `name: t
bindings:
  m: { type: mqtt, kind: server, options: { anything: [ goes ] }, exit: e }
  e: { type: echo, kind: server }
`;
  const { unserved } = graphOf(text);
  assert.deepEqual(
    unserved.map(({ name, exit }) => [name, exit?.target.name]),
    [["m", "e"]],
  );
  assert.deepEqual(mistakesOf(text.replace("exit: e }", "exit: f }")), ["3:73 found 'f', no such binding; allowed: m, e"]);
});
