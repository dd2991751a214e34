// The package as it is published: built, in a folder of its own, with the dependencies of this checkout.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOrFail } from "./processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface BuiltPackage {
  /** Where its `package.json` lies. */
  readonly directory: string;
  /** Its command, a file for Node. */
  readonly command: string;
  remove(): void;
}

export const buildPackage = async (): Promise<BuiltPackage> => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-package-"));
  const args = ["-p", "tsconfig.build.json", "--outDir", join(directory, "dist")];
  await runOrFail(join(ROOT, "node_modules/.bin/tsc"), { args, directory: ROOT });
  for (const part of ["bin", "package.json"]) cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
  return { directory, command: join(directory, "bin/sluice.js"), remove: () => rmSync(directory, { recursive: true, force: true }) };
};
