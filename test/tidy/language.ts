// Rules of which parts of the language are used, and of comments.
import {
  type ClassDeclaration,
  type Identifier,
  type Node,
  type SourceFile,
  SyntaxKind,
  type VariableStatement,
} from "typescript/unstable/ast";
import type { Finding, Rule } from "./rule.ts";
import { isExported, leadingText, lineOf, type Source, startOf, textOf, walk } from "./source.ts";

interface Spotted {
  readonly name: string;
  readonly reason: string;
  readonly where?: (path: string) => boolean;
  readonly is: (source: Source, node: Node) => string | undefined;
}

const spotted = ({ name, reason, where = () => true, is }: Spotted): Rule => ({
  name,
  reason,
  find: (sources) =>
    sources
      .filter(({ path }) => where(path))
      .flatMap((source) => {
        const findings: Finding[] = [];
        walk(source.tree, (node) => {
          const what = is(source, node);
          if (what !== undefined) findings.push({ path: source.path, line: lineOf(source, startOf(source, node)), what });
        });
        return findings;
      }),
});

const NOT_ERASABLE: ReadonlyMap<SyntaxKind, string> = new Map([
  [SyntaxKind.EnumDeclaration, "an enum"],
  [SyntaxKind.ModuleDeclaration, "a namespace"],
  [SyntaxKind.PrivateKeyword, "the word private"],
  [SyntaxKind.ProtectedKeyword, "the word protected"],
  [SyntaxKind.PublicKeyword, "the word public"],
]);

const lineTextOf = ({ text }: Source, position: number): string =>
  text.slice(text.lastIndexOf("\n", position - 1) + 1, (text.indexOf("\n", position) + 1 || text.length + 1) - 1);
const commentNear = (source: Source, node: Node): boolean => {
  const lines = lineTextOf(source, node.end);
  const start = source.text.lastIndexOf("\n", startOf(source, node) - 1);
  const above = lineTextOf(source, Math.max(start - 1, 0)).trim();
  return /\/\/|\*\//.test(lines) || above.startsWith("//") || above.endsWith("*/");
};

const unprovenAs = (source: Source, node: Node): string | undefined => {
  if (node.kind !== SyntaxKind.AsExpression) return undefined;
  const text = textOf(source, node);
  if (/\bas\s+const$/.test(text) || commentNear(source, node)) return undefined;
  return `${text.length > 60 ? `…${text.slice(-60)}` : text}`;
};

const exportOf = (source: Source, node: Node): string | undefined => {
  if (node.kind === SyntaxKind.ExportAssignment) return "export default";
  if (/^export\s+default\b/.test(isDeclaration(node) ? textOf(source, node).slice(0, 20) : "")) return "export default";
  const isList = node.kind === SyntaxKind.ExportDeclaration;
  return isList && /\bfrom\b/.test(textOf(source, node)) ? "an export from another file" : undefined;
};

const DECLARATIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.ClassDeclaration,
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.VariableStatement,
]);
const isDeclaration = (node: Node): boolean => DECLARATIONS.has(node.kind);

const inherits = (source: Source, node: Node): string | undefined => {
  if (node.kind !== SyntaxKind.ClassDeclaration) return undefined;
  const clause = (node as ClassDeclaration).heritageClauses
    ?.map((heritage) => textOf(source, heritage))
    .find((text) => text.startsWith("extends")); // Its kind says so.
  return clause && !/^extends \w*Error\b/.test(clause) ? clause : undefined;
};

const statementsOf = (source: Source): readonly Node[] => (source.tree as SourceFile).statements as unknown as readonly Node[]; // A list of nodes, only typed apart.

const topLevel =
  (is: (source: Source, node: Node) => string | undefined) =>
  (source: Source): Finding[] =>
    statementsOf(source).flatMap((node) => {
      const what = is(source, node);
      return what === undefined ? [] : [{ path: source.path, line: lineOf(source, startOf(source, node)), what }];
    });

const nameOf = (source: Source, node: Node): string =>
  /^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:const|let|function\*?|class|interface|type)\s+(\w+)/.exec(textOf(source, node))?.[1] ??
  "?";

const undocumented: Rule = {
  name: "doc-comment",
  reason:
    "what core, ports and flow export has a doc comment: everything stands on them, so their contracts must be readable where they are declared",
  find: (sources) =>
    sources
      .filter(({ path }) => /^src\/(core|ports|flow)\//.test(path))
      .flatMap(
        topLevel((source, node) =>
          isDeclaration(node) && isExported(source, node) && !leadingText(source, node).includes("/**")
            ? `${nameOf(source, node)} has none`
            : undefined,
        ),
      ),
};

const portLogic = (source: Source, node: Node): string | undefined => {
  if ([SyntaxKind.ImportDeclaration, SyntaxKind.InterfaceDeclaration, SyntaxKind.TypeAliasDeclaration].includes(node.kind))
    return undefined;
  const names =
    node.kind === SyntaxKind.VariableStatement
      ? (node as VariableStatement).declarationList.declarations.map(({ name }) => (name as Identifier).text)
      : ["?"]; // Its kind says so.
  return names.length === 1 && names[0] === "IGNORED" ? undefined : textOf(source, node).slice(0, 60);
};

const ports: Rule = {
  name: "ports-logic",
  reason: "ports/ has types and IGNORED, no logic: a seam is what both sides agree on, and nothing that one of them does",
  find: (sources) => sources.filter(({ path }) => path.startsWith("src/ports/")).flatMap(topLevel(portLogic)),
};

const preamble: Rule = {
  name: "preamble",
  reason: "a file begins with a comment of one to three sentences: what it is, and why it is apart (a test is named for what it tests)",
  find: (sources) =>
    sources
      .filter(({ path, text }) => !path.endsWith(".test.ts") && !/^(#!.*\n)?\/\/ \S/.test(text))
      .map(({ path }) => ({ path, line: 1, what: "none" })),
};

const UNFINISHED = new RegExp(`\\b(${["TO", "FIX"].map((word) => `${word}${word === "TO" ? "DO" : "ME"}`).join("|")}|X{3})\\b`);
const unfinished: Rule = {
  name: "unfinished",
  reason: "nothing marked as unfinished: it is done, or it is an issue",
  find: (sources) =>
    sources.flatMap((source) =>
      source.text
        .split("\n")
        .flatMap((text, at) => (UNFINISHED.test(text) ? [{ path: source.path, line: at + 1, what: text.trim() }] : [])),
    ),
};

const VAGUE = /(Manager|Helper|Helpers|Util|Utils|Impl|Base|Data|Info)$/;
const vague: Rule = {
  name: "names",
  reason: "no Manager, Helper, Util, Impl, Base, Data, Info: such a name says that nobody knew what the thing is",
  find: (sources) =>
    sources.flatMap(
      topLevel((source, node) =>
        isDeclaration(node) && isExported(source, node) && VAGUE.test(nameOf(source, node)) ? nameOf(source, node) : undefined,
      ),
    ),
};

export const LANGUAGE: readonly Rule[] = [
  spotted({
    name: "any",
    reason: "no `any`: it switches the checker off for everything it touches",
    is: (_, node) => (node.kind === SyntaxKind.AnyKeyword ? "any" : undefined),
  }),
  spotted({
    name: "erasable",
    reason: "only erasable syntax, unions instead of enums, #private instead of private: Node runs the sources as they are",
    // `declare module "…"` adds types to a module, and leaves nothing behind; a constructor has no `#` to hide behind.
    is: (source, node) => {
      const isErased = /^declare module "/.test(textOf(source, node)) || node.parent?.kind === SyntaxKind.Constructor;
      return isErased ? undefined : NOT_ERASABLE.get(node.kind);
    },
  }),
  spotted({
    name: "proven-as",
    reason: "no `as` but `as const` and where a comment on its line or above proves it: the compiler believes whatever stands there",
    where: (path) => path.startsWith("src/"),
    is: unprovenAs,
  }),
  spotted({ name: "exports", reason: "no default export, no barrel: a name leads to one file, and has one name", is: exportOf }),
  spotted({ name: "inheritance", reason: "no inheritance but Error's: what is shared is a function or a field", is: inherits }),
  undocumented,
  ports,
  preamble,
  unfinished,
  vague,
];
