// `sluice version`.
import { VERSION } from "../core/version.ts";
import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  summary: "print the version",
  flags: [],
  run: async (_given, io) => {
    io.out(`sluice version ${VERSION}\n`);
    return 0;
  },
};
