// Configurations as texts, loaded the way a file is.

import type { Environment } from "../../src/config/expression.ts";
import type { Graph } from "../../src/config/graph.ts";
import { type Loaded, load } from "../../src/config/load.ts";
import type { BindingNode } from "../../src/config/node.ts";
import { ConfigErrors, type Warning } from "../../src/config/place.ts";
import { parts } from "../../src/engine/parts.ts";

export const DIRECTORY = "/etc/zilla";

export const loadText = (text: string, environment: Environment = {}): Loaded =>
  load({ file: "zilla.yaml", directory: DIRECTORY, text }, parts, environment);

/** The graph of a text that has no mistakes; throws all of them otherwise. */
export const graphOf = (text: string, environment: Environment = {}): Graph => {
  const { graph, mistakes } = loadText(text, environment);
  if (!graph) throw new ConfigErrors(mistakes);
  return graph;
};

/** A binding of such a text. */
export const bindingOf = (text: string, name: string, environment: Environment = {}): BindingNode => {
  const node = graphOf(text, environment).bindings.find((each) => each.name === name);
  if (!node) throw new Error(`the text has no binding '${name}'`);
  return node;
};

/** `12:7 found …`, one a mistake. */
export const mistakesOf = (text: string, environment: Environment = {}): readonly string[] =>
  loadText(text, environment).mistakes.map(({ place, message }) => `${place.line}:${place.column} ${message}`);

export const warningsOf = (text: string, environment: Environment = {}): readonly string[] => lines(loadText(text, environment).warnings);

export const lines = (warnings: readonly Warning[]): readonly string[] =>
  warnings.map(({ place, message }) => `${place.line}:${place.column} ${message}`);
