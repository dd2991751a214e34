// The load generator's process: it is told what to do by messages, so that what it costs is not counted as anybody else's.
import { makeCalls, withSessions } from "./calls.ts";
import type { LoadOptions } from "./options.ts";
import { readAll } from "./readers.ts";

const work = (options: LoadOptions): Promise<unknown> =>
  withSessions<unknown>(options.port, options.connections, (sessions) =>
    options.kind === "calls" ? makeCalls(sessions, options) : readAll(sessions, options),
  );

process.on("message", (options: LoadOptions) => {
  work(options).then(
    (result) => process.send?.({ result }),
    (reason: unknown) => process.send?.({ error: reason instanceof Error ? reason.message : String(reason) }),
  );
});
