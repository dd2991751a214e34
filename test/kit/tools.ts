// Foreign gRPC tools in Go: grpcurl and ghz, at the versions that test/tools/go.mod pins, built once into the cache.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "./cache.ts";
import { runOrFail } from "./processes.ts";

const MODULE = fileURLToPath(new URL("../tools", import.meta.url));
/** From an empty module cache on two busy cores it took four minutes. */
const BUILD_TIMEOUT_MS = 900_000;

const pins = (): string => {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(MODULE, file)));
  return hash.digest("hex").slice(0, 12);
};

/** The directory of the built tools; builds them when the pins have changed or the cache is empty. */
export const buildTools = (): Promise<string> =>
  cached(`tools-${pins()}`, async (directory) => {
    const environment = { GOFLAGS: "-p=2 -buildvcs=false -trimpath", GOWORK: "off" };
    await runOrFail("go", { args: ["build", "-o", `${directory}/`, "tool"], directory: MODULE, environment, timeoutMs: BUILD_TIMEOUT_MS });
  });

/** The path of a tool. */
export const tool = async (name: "grpcurl" | "ghz"): Promise<string> => join(await buildTools(), name);
