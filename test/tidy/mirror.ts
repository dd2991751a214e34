// The rule of where tests live.
import type { Finding, Rule } from "./rule.ts";

/** Folders of test/ that mirror nothing: parts of the test bench, and tests of the whole. */
const OWN = ["kit", "tidy", "kafka-server", "tools", "peers", "contract", "oracle", "scenarios", "chaos", "long"];

const mirror: Rule = {
  name: "test-mirrors-src",
  reason: "test/ mirrors src/: the tests of src/kafka/wire/crc32c.ts are found in test/kafka/wire/ without searching",
  find: (sources) => {
    const folders = new Set(
      sources.filter(({ path }) => path.startsWith("src/")).flatMap(({ path }) => foldersOf(path.slice("src/".length))),
    );
    return sources.flatMap(({ path }): Finding[] => {
      const folder = /^test\/(.+)\/[^/]+\.test\.ts$/.exec(path)?.[1];
      if (folder === undefined || folders.has(folder) || OWN.includes(folder.split("/")[0] ?? "")) return [];
      return [{ path, line: 1, what: `there is no src/${folder}/` }];
    });
  },
};

/** `a/b/c.ts` → `a`, `a/b`. */
const foldersOf = (path: string): string[] => {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
};

export const MIRROR: readonly Rule[] = [mirror];
