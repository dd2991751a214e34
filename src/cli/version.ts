// `sluice version`.
import { createRequire } from "node:module";
import type { Command } from "./command.ts";

/** Of the package this file belongs to. */
export const VERSION: string = (createRequire(import.meta.url)("../../package.json") as { version: string }).version; // Ours.

export const version: Command = {
  name: "version",
  summary: "print the version",
  flags: [],
  run: async (_given, io) => {
    io.out(`sluice version ${VERSION}\n`);
    return 0;
  },
};
