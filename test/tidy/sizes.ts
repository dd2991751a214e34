// Rules of size.
import { type CallExpression, type FunctionDeclaration, type Node, SyntaxKind } from "typescript/unstable/ast";
import type { Finding, Rule } from "./rule.ts";
import { isFunction, lineOf, type Source, startOf, textOf, walk } from "./source.ts";

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 40;
const PARAMETERS_MAX = 3;

const fileLines: Rule = {
  name: "file-lines",
  reason: `a file is one idea, at most ${FILE_LINES_MAX} lines: the tail of big files is what nobody dares to touch`,
  find: (sources) =>
    sources.flatMap(({ path, text }) => {
      const lines = text.trimEnd().split("\n").length;
      return lines > FILE_LINES_MAX ? [{ path, line: FILE_LINES_MAX + 1, what: `${lines} lines` }] : [];
    }),
};

/** A sentence, and the function that shows it: `test("…", () => …)`, or `claim` and `check` of a suite. */
const CLAIM = /^\w+\(\s*(["`]).*?\1,[\s\S]*=>/;

/** Whether a statement is a test, or a loop that makes some. */
const makesTests = (source: Source, statement: Node): boolean =>
  CLAIM.test(textOf(source, statement)) ||
  (statement.kind === SyntaxKind.ForOfStatement && /\b(describe|test)\(/.test(textOf(source, statement)));

/** `describe("…", () => { … })` and a suite that is called with its subject frame tests; they are no thoughts of their own. */
const isFrame = (source: Source, node: Node): boolean => {
  if (!source.path.startsWith("test/")) return false;
  const { body } = node as FunctionDeclaration; // All functions have one, or none.
  let frames = false;
  body?.forEachChild((statement) => {
    frames ||= makesTests(source, statement);
  });
  return frames;
};

const functionFindings = (source: Source): Finding[] => {
  const findings: Finding[] = [];
  walk(source.tree, (node) => {
    if ((!isFunction(node) && node.kind !== SyntaxKind.Constructor) || isFrame(source, node)) return;
    const first = lineOf(source, startOf(source, node));
    const lines = lineOf(source, node.end) - first + 1;
    if (lines > FUNCTION_LINES_MAX) findings.push({ path: source.path, line: first, what: `a function of ${lines} lines` });
  });
  return findings;
};

const functionLines: Rule = {
  name: "function-lines",
  reason: `a function is one thought, at most ${FUNCTION_LINES_MAX} lines: it is understood whole or not at all`,
  find: (sources) => sources.flatMap(functionFindings),
};

/** A callback's parameters are chosen by who calls it back. */
const callbacksOf = (source: Source): ReadonlySet<Node> => {
  const callbacks = new Set<Node>();
  walk(source.tree, (node) => {
    if (node.kind === SyntaxKind.CallExpression) for (const argument of (node as CallExpression).arguments) callbacks.add(argument); // Its kind says so.
  });
  return callbacks;
};

const parameterFindings = (source: Source): Finding[] => {
  const callbacks = callbacksOf(source);
  const findings: Finding[] = [];
  walk(source.tree, (node) => {
    if (!isFunction(node) || callbacks.has(node)) return;
    const { parameters } = node as FunctionDeclaration; // All functions have them.
    const line = lineOf(source, startOf(source, node));
    if (parameters.length > PARAMETERS_MAX) findings.push({ path: source.path, line, what: `${parameters.length} parameters` });
  });
  return findings;
};

const parameters: Rule = {
  name: "parameters",
  reason: `at most ${PARAMETERS_MAX} parameters, then one object with a named type: a reader of the call cannot tell the fourth from the third`,
  find: (sources) => sources.flatMap(parameterFindings),
};

const booleanParameterFindings = (source: Source): Finding[] => {
  const findings: Finding[] = [];
  walk(source.tree, (node) => {
    if (!isFunction(node)) return;
    for (const parameter of (node as FunctionDeclaration).parameters) {
      // All functions have them.
      if (parameter.type?.kind !== SyntaxKind.BooleanKeyword) continue;
      findings.push({
        path: source.path,
        line: lineOf(source, startOf(source, parameter)),
        what: `${textOf(source, parameter)} is a boolean parameter`,
      });
    }
  });
  return findings;
};

const booleanParameters: Rule = {
  name: "boolean-parameter",
  reason: "never a boolean parameter: `write(batch, true)` says nothing; two functions or a named option do",
  find: (sources) => sources.filter(({ path }) => path.startsWith("src/")).flatMap(booleanParameterFindings),
};

export const SIZES: readonly Rule[] = [fileLines, functionLines, parameters, booleanParameters];
