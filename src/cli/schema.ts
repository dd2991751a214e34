// `sluice schema`: the JSON Schema of a configuration, for editors.
import { documentSchema } from "../config/base.ts";
import { parts } from "../engine/parts.ts";
import type { Command } from "./command.ts";

export const schema: Command = {
  name: "schema",
  summary: "print the JSON Schema of a configuration, for editors",
  flags: [],
  run: async (_, io) => {
    io.out(`${JSON.stringify(documentSchema(parts), null, 2)}\n`);
    return 0;
  },
};
