// Foreign tools in Go, at the versions that the modules in test/tools pin, built once into the cache. Those that need different versions
// of the same library have a module each.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDirectory, cached } from "./cache.ts";
import { runOrFail } from "./processes.ts";

const MODULES = fileURLToPath(new URL("../tools", import.meta.url));
/** From an empty module cache on two busy cores the largest took four minutes. */
const BUILD_TIMEOUT_MS = 900_000;

/** Folder of a module → the name of what is built of it. */
const BUILT = { ".": "tools", h2spec: "h2spec", interop: "interop", conformance: "conformance" } as const;
export type GoModule = keyof typeof BUILT;

const pins = (directory: string): string => {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(directory, file)));
  return hash.digest("hex").slice(0, 12);
};

const nameOf = (module: GoModule): string => `${BUILT[module]}-${pins(join(MODULES, module))}`;

/**
 * Options for a suite whose tools take minutes to build from an empty cache, which the tests of every day do not spend: it runs where a
 * long run has built them.
 */
export const needsBuilt = (module: GoModule): { readonly skip?: string } =>
  existsSync(join(cacheDirectory(), nameOf(module))) ? {} : { skip: `needs ${module}: npm run long:${module} builds it` };

/** The directory of a module's built tools; builds them when the pins have changed or the cache is empty. */
export const buildTools = (module: GoModule = "."): Promise<string> => {
  const from = join(MODULES, module);
  return cached(nameOf(module), async (directory) => {
    const environment = { GOFLAGS: "-p=2 -buildvcs=false -trimpath", GOWORK: "off" };
    await runOrFail("go", { args: ["build", "-o", `${directory}/`, "tool"], directory: from, environment, timeoutMs: BUILD_TIMEOUT_MS });
  });
};

/** The path of a tool. */
export const tool = async (name: "grpcurl" | "ghz"): Promise<string> => join(await buildTools(), name);
