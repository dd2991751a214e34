// Rules of who may import whom.
import { posix } from "node:path";
import { type ExportDeclaration, type ImportDeclaration, type Node, type StringLiteral, SyntaxKind } from "typescript/unstable/ast";
import type { Finding, Rule } from "./rule.ts";
import { lineOf, type Source, startOf, textOf, walk } from "./source.ts";

/** One import, static or dynamic, of values or of types. */
export interface Import {
  readonly from: Source;
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** The path of a file of ours; undefined for packages. */
  readonly target?: string;
  /** Nothing of it is loaded. */
  readonly typesOnly: boolean;
}

const specifierOf = (source: Source, node: Node): string | undefined => {
  if (node.kind === SyntaxKind.ImportDeclaration || node.kind === SyntaxKind.ExportDeclaration) {
    const { moduleSpecifier } = node as ImportDeclaration | ExportDeclaration; // Its kind says so.
    return moduleSpecifier ? (moduleSpecifier as StringLiteral).text : undefined; // The grammar allows nothing else.
  }
  if (node.kind !== SyntaxKind.ImportType && node.kind !== SyntaxKind.CallExpression) return undefined;
  return /^import\(\s*"([^"]+)"/.exec(textOf(source, node))?.[1];
};

const known = new WeakMap<Source, Import[]>();
/** All imports of a file, in order; found once. */
export const importsOf = (source: Source): Import[] => {
  const found = known.get(source);
  if (found) return found;
  const imports: Import[] = [];
  known.set(source, imports);
  walk(source.tree, (node) => {
    const specifier = specifierOf(source, node);
    if (specifier === undefined) return;
    const target = specifier.startsWith(".") ? posix.join(posix.dirname(source.path), specifier) : undefined;
    const typesOnly = node.kind === SyntaxKind.ImportType || /^import\s+type\b/.test(textOf(source, node));
    imports.push({ from: source, line: lineOf(source, startOf(source, node)), specifier, typesOnly, ...(target ? { target } : {}) });
  });
  return imports;
};

/** From the bottom up; folders on one line do not know each other. */
const LAYERS: readonly (readonly string[])[] = [
  ["core"],
  ["ports"],
  ["flow"],
  ["kafka/wire"],
  ["kafka/log"],
  ["exchange", "resources", "kafka/client", "http2"],
  ["bindings"],
  ["telemetry"],
  ["engine"],
  ["admin"],
  ["cli"],
];
/** Beside the layers: what they may use, and who may use them. */
const BESIDE: Readonly<Record<string, { readonly uses: readonly string[]; readonly usedBy: readonly string[] }>> = {
  config: { uses: ["core"], usedBy: ["engine", "bindings", "resources", "cli", "telemetry", "exchange", "admin"] },
  broker: { uses: ["core", "kafka/wire"], usedBy: ["engine", "cli"] },
};
const FOLDERS = [...LAYERS.flat(), ...Object.keys(BESIDE)];

/** `kafka/wire` for `src/kafka/wire/fetch.ts`; undefined outside of src. */
const folderOf = (path: string): string | undefined => FOLDERS.find((folder) => path.startsWith(`src/${folder}/`));
const rankOf = (folder: string): number => LAYERS.findIndex((layer) => layer.includes(folder));

const mayImport = (from: string, to: string): boolean => {
  if (from === to) return true;
  const beside = BESIDE[from];
  if (beside) return beside.uses.includes(to);
  const used = BESIDE[to];
  return used ? used.usedBy.includes(from) : rankOf(to) < rankOf(from);
};

const layers: Rule = {
  name: "layers",
  reason:
    "imports point down only (cli, admin, engine, telemetry, bindings, exchange|resources|kafka/client|http2, kafka/log, kafka/wire, flow, ports, core): what is below can be read, tested and changed without what is above",
  find: (sources) =>
    sources.flatMap(importsOf).flatMap(({ from, line, target }) => {
      const [here, there] = [folderOf(from.path), target === undefined ? undefined : folderOf(target)];
      if (!here || !target?.startsWith("src/")) return [];
      if (there && mayImport(here, there)) return [];
      return [{ path: from.path, line, what: `${here} imports ${target}` }];
    }),
};

const bindingOf = (path: string): string | undefined => /^src\/bindings\/([^/]+)\//.exec(path)?.[1];
const bindings: Rule = {
  name: "bindings-apart",
  reason: "no binding imports another binding: they meet at ports only, so each can be put beside any other in a zilla.yaml",
  find: (sources) =>
    sources.flatMap(importsOf).flatMap(({ from, line, target }) => {
      const [here, there] = [bindingOf(from.path), bindingOf(target ?? "")];
      return here && there && here !== there ? [{ path: from.path, line, what: `binding ${here} imports binding ${there}` }] : [];
    }),
};

const upwards: Rule = {
  name: "src-alone",
  reason: "src imports nothing outside of src: tests, examples and benches are not part of the package",
  find: (sources) =>
    sources.flatMap(importsOf).flatMap(({ from, line, target }) => {
      const outside = from.path.startsWith("src/") && target !== undefined && !target.startsWith("src/");
      return outside ? [{ path: from.path, line, what: `imports ${target}` }] : [];
    }),
};

/** The first cycle through each file, as a list of paths. */
const cyclesOf = (edges: ReadonlyMap<string, readonly Import[]>): Import[][] => {
  const done = new Set<string>();
  const cycles: Import[][] = [];
  const visit = (path: string, trail: readonly Import[]): void => {
    const start = trail.findIndex(({ from }) => from.path === path);
    if (start >= 0) cycles.push(trail.slice(start));
    if (start >= 0 || done.has(path)) return;
    for (const edge of edges.get(path) ?? []) if (edge.target) visit(edge.target, [...trail, edge]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
};

const cycles: Rule = {
  name: "import-cycle",
  reason: "no import cycle, not of types either: files that need each other are one file, or need a third",
  find: (sources) => {
    const edges = new Map(sources.map((source) => [source.path, importsOf(source)]));
    return cyclesOf(edges).map((cycle): Finding => {
      const first = cycle[0]!; // A cycle is never empty.
      return { path: first.from.path, line: first.line, what: [...cycle.map(({ from }) => from.path), first.from.path].join(" → ") };
    });
  },
};

export const IMPORTS: readonly Rule[] = [layers, bindings, upwards, cycles];
