// Nodes of a configuration without a file, for tests of what is above config.
import type { BindingNode, Reference, RouteNode, Value } from "../../src/config/node.ts";
import type { Place } from "../../src/config/place.ts";

export const placeAt = (line: number): Place => ({ file: "zilla.yaml", line, column: 1 });

/** A value that is not there. */
export const absent: Value = {
  present: false,
  place: placeAt(0),
  keyPlace: placeAt(0),
  at: () => absent,
  string: () => undefined,
  number: () => undefined,
  boolean: () => undefined,
  items: () => [],
  strings: () => [],
  entries: () => [],
  json: () => undefined,
  refuse: (message) => {
    throw new Error(message);
  },
  warn: () => {},
};

export const referenceTo = (target: BindingNode, line: number): Reference<BindingNode> => ({
  text: target.name,
  place: placeAt(line),
  target,
});

/** A node whose exits can be added later, so that tests can lead them in a circle. */
export const bindingNode = (
  type: string,
  kind: string,
  name: string,
): BindingNode & { routes: RouteNode[]; entry?: Reference<BindingNode> } => ({
  namespace: "test",
  name,
  qualified: `test:${name}`,
  type,
  kind,
  keyPlace: placeAt(1),
  directory: ".",
  value: absent,
  at: () => absent,
  place: () => placeAt(1),
  routes: [],
  catalogs: [],
  authorizations: [],
});

export const routeTo = (target: BindingNode, line: number): RouteNode => ({
  exit: referenceTo(target, line),
  guarded: [],
  when: [],
  with: absent,
  place: placeAt(line),
});
