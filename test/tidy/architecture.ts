// What ARCHITECTURE.md tells of the source: every file it names, and the names it tells to look for there.
import { existsSync, readFileSync } from "node:fs";

/** A path, from `src/`, `test/` or the folder of the path before it; and maybe a name. */
const NAMED = /`((?:[a-z0-9-]+\/)*[a-z0-9-]+\.ts)`(?:\s+`([A-Za-z.#]+)`)?/g;

const pathOf = (named: string, folder: string): string => {
  if (named.startsWith("test/")) return named;
  return named.includes("/") ? `src/${named}` : `${folder}/${named}`;
};

/** What a text names and `root` does not have. */
export const missingOf = (text: string, root: URL): string[] => {
  const missing: string[] = [];
  let folder = "src";
  for (const [, named = "", name] of text.matchAll(NAMED)) {
    const path = pathOf(named, folder);
    const file = new URL(path, root);
    folder = path.slice(0, path.lastIndexOf("/"));
    if (!existsSync(file)) missing.push(path);
    else if (name !== undefined) {
      const source = readFileSync(file, "utf8");
      for (const part of name.split(".")) if (!new RegExp(`${part}\\b`).test(source)) missing.push(`${path} ${part}`);
    }
  }
  return missing;
};
