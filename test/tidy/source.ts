// The sources as syntax trees, by the compiler's own parser. Its interface is called unstable, and the compiler's version is exact, so
// it moves only when somebody moves it. A hundred files take a third of a second.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import { createVirtualFileSystem, type FileSystem } from "typescript/unstable/fs";
import { API } from "typescript/unstable/sync";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

export interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: SourceFile;
}

const read = (root: string, files?: FileSystem): Source[] => {
  const api = new API(files ? { cwd: root, fs: files } : { cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [resolve(root, "tsconfig.json")] }).getProjects()[0];
    if (!project) throw new Error(`no project in ${root}`);
    return project.rootFiles.map((file) => {
      const tree = project.program.getSourceFile(file);
      if (!tree) throw new Error(`${file} was not parsed`);
      return { path: file.slice(root.length + 1), text: tree.text, tree };
    });
  } finally {
    api.close();
  }
};

/** Every file that tsconfig.json includes. */
export const readSources = (): Source[] => read(ROOT);

/** Several sets of sources that are on no disk, each path → text, read at once: the parser is a process of its own. */
export const parseSources = (sets: readonly Readonly<Record<string, string>>[]): Source[][] => {
  const all: Record<string, string> = { "/planted/tsconfig.json": '{ "compilerOptions": { "noLib": true, "types": [] } }' };
  for (const [at, files] of sets.entries()) for (const [path, text] of Object.entries(files)) all[`/planted/${at}/${path}`] = text;
  const found = read("/planted", createVirtualFileSystem(all));
  const inSet = (at: number): Source[] => found.filter(({ path }) => path.startsWith(`${at}/`));
  return sets.map((_, at) => inSet(at).map((source) => ({ ...source, path: source.path.slice(`${at}/`.length) })));
};

/** Calls `visit` with the node and all below it, parents first; not below one for which it returns false. */
export const walk = (node: Node, visit: (node: Node) => unknown): void => {
  if (visit(node) === false) return;
  node.forEachChild((child) => walk(child, visit));
};

const starts = new WeakMap<Source, number[]>();
/** Where each line begins. */
const lineStarts = (source: Source): number[] => {
  const known = starts.get(source);
  if (known) return known;
  const found = [0];
  for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1)) found.push(at + 1);
  starts.set(source, found);
  return found;
};

/** The line of a position, from 1. */
export const lineOf = (source: Source, position: number): number => {
  const all = lineStarts(source);
  let [from, to] = [0, all.length];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (all[middle]! <= position) from = middle;
    else to = middle;
  }
  return from + 1;
};

/** Where the node's first token begins, after the comments before it. */
export const startOf = ({ text }: Source, node: Node): number => {
  let at = node.pos;
  for (;;) {
    while (/\s/.test(text[at] ?? "")) at += 1;
    if (text.startsWith("//", at)) at = text.indexOf("\n", at);
    else if (text.startsWith("/*", at)) at = text.indexOf("*/", at) + 2;
    else return at;
    if (at < 0) return node.end;
  }
};

/** The comments and blanks between the token before and the node. */
export const leadingText = (source: Source, node: Node): string => source.text.slice(node.pos, startOf(source, node));

export const textOf = (source: Source, node: Node): string => source.text.slice(startOf(source, node), node.end);

export const isExported = (source: Source, node: Node): boolean => /^export\b/.test(textOf(source, node));

const FUNCTIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);
/** Constructors are left out: they have rules of their own. */
export const isFunction = (node: Node): boolean => FUNCTIONS.has(node.kind);
