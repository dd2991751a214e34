import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binding, PortName, Runtime } from "../../src/bindings/binding.ts";
import type { BindingNode } from "../../src/config/node.ts";
import { ConfigError } from "../../src/config/place.ts";
import { definitionName, type Linking, link } from "../../src/engine/link.ts";
import type { ConnectionHandler } from "../../src/ports/connection.ts";
import { bindingNode, placeAt, referenceTo, routeTo } from "../kit/nodes.ts";

const handler: ConnectionHandler = () => {};

/** A binding of fixed ports that asks for each of its exits and remembers the order of binding. */
const definition = (
  type: string,
  serves: readonly PortName[],
  { order = [], ...needs }: { exits?: PortName; entry?: PortName; order?: string[] },
): Binding<BindingNode> => ({
  type,
  kind: "server",
  serves,
  ...needs,
  parse: (node) => node,
  bind(node, exits) {
    for (const { exit } of node.routes) if (exit && needs.exits) exits.of(needs.exits, exit.text);
    order.push(node.name);
    return { ports: serves.includes("connection") ? { connection: handler } : {} };
  },
});

const linking = (...definitions: readonly Binding<BindingNode>[]): Linking => ({
  definitions: new Map(definitions.map((each) => [definitionName(each), each as Binding<unknown>])),
  runtime: () => ({}) as Runtime,
  observer: () => ({ served: (_name, port) => port, exited: (_name, port) => port }),
});

test("exits are bound before those that lead to them, each once", () => {
  const order: string[] = [];
  const [near, middle, far] = ["near", "middle", "far"].map((name) => bindingNode(name, "server", name)) as [
    ReturnType<typeof bindingNode>,
    ReturnType<typeof bindingNode>,
    BindingNode,
  ];
  near.routes.push(routeTo(middle, 5), routeTo(far, 6));
  middle.routes.push(routeTo(far, 7));
  const { linked, mistakes } = link(
    [near, middle, far],
    linking(
      definition("near", [], { exits: "connection", order }),
      definition("middle", ["connection"], { exits: "connection", order }),
      definition("far", ["connection"], { order }),
    ),
  );
  assert.deepEqual(mistakes, []);
  assert.deepEqual(order, ["far", "middle", "near"]);
  assert.deepEqual(
    linked.map(({ node }) => node.name),
    order,
  );
});

test("an exit that serves another port is named with both", () => {
  const near = bindingNode("near", "server", "near");
  const far = bindingNode("far", "server", "far");
  near.routes.push(routeTo(far, 9));
  const { linked, mistakes } = link(
    [near, far],
    linking(definition("near", [], { exits: "kafka" }), definition("far", ["connection"], {})),
  );
  assert.deepEqual(mistakes.map(String), ["zilla.yaml:9:1: 'far' serves connection, but kafka is needed here"]);
  assert.deepEqual(linked, []);
});

test("an entry is checked as exits are", () => {
  const near = bindingNode("near", "server", "near");
  const far = bindingNode("far", "server", "far");
  near.entry = referenceTo(far, 4);
  const { mistakes } = link([near, far], linking(definition("near", [], { entry: "kafka" }), definition("far", [], {})));
  assert.deepEqual(mistakes.map(String), ["zilla.yaml:4:1: 'far' serves nothing, but kafka is needed here"]);
});

test("a circle is refused where it closes", () => {
  const a = bindingNode("a", "server", "a");
  const b = bindingNode("b", "server", "b");
  a.routes.push(routeTo(b, 3));
  b.routes.push(routeTo(a, 8));
  const { mistakes } = link(
    [a, b],
    linking(definition("a", ["connection"], { exits: "connection" }), definition("b", ["connection"], { exits: "connection" })),
  );
  assert.deepEqual(mistakes.map(String), ["zilla.yaml:8:1: bindings lead in a circle: 'a' → 'b' → 'a'"]);
});

test("a binding that leads somewhere although it has no exits, and one that nobody can run, are both told", () => {
  const a = bindingNode("a", "server", "a");
  const b = bindingNode("b", "server", "b");
  a.routes.push(routeTo(b, 3));
  const { mistakes } = link([a, b], linking(definition("a", ["connection"], {})));
  assert.deepEqual(mistakes.map(String), [
    "zilla.yaml:3:1: 'a' (a server) leads nowhere; found 'b'",
    "zilla.yaml:1:1: 'b' (b server) cannot be run here",
  ]);
});

test("mistakes found while binding are collected, those that follow from them are not told", () => {
  const near = bindingNode("near", "server", "near");
  const bad = bindingNode("bad", "server", "bad");
  near.routes.push(routeTo(bad, 3));
  const refusing: Binding<BindingNode> = {
    ...definition("bad", ["connection"], {}),
    bind: () => {
      throw new ConfigError(placeAt(12), "cannot be said to kafka");
    },
  };
  const { mistakes } = link([near, bad], linking(definition("near", [], { exits: "connection" }), refusing));
  assert.deepEqual(mistakes.map(String), ["zilla.yaml:12:1: cannot be said to kafka"]);
});
