// The load generator's process: it is told what to do by messages, so that what it costs is not counted as anybody else's.
import { makeCalls, openSessions, withSessions } from "./calls.ts";
import type { LoadOptions } from "./options.ts";
import { Readers } from "./readers.ts";

const readers = new Readers();

const work = async (options: LoadOptions): Promise<unknown> => {
  if (options.kind === "calls") return withSessions(options.port, options.connections, (sessions) => makeCalls(sessions, options));
  if (options.kind === "readers") readers.open(await openSessions(options.port, options.connections), options);
  return readers.reach(options.messages);
};

process.on("message", (options: LoadOptions) => {
  work(options).then(
    (result) => process.send?.({ result }),
    (reason: unknown) => process.send?.({ error: reason instanceof Error ? reason.message : String(reason) }),
  );
});
