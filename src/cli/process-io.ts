// The process's own streams, as commands write to them.
import type { Io } from "./command.ts";

/** How long what is written may take to get out once the work is done; then the process ends, whatever is still open. */
const FLUSH_MS = 1_000;

/** Whoever reads what is written may leave (`sluice schema | head`): the rest is for nobody, and nothing that runs ends by it. */
const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
};

/** Once a process. */
export const processIo = (): Io => {
  outliveReaders();
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    directory: process.cwd(),
  };
};

/** Ends the process with that status, as soon as all is written. */
export const endProcess = (status: number): void => {
  process.exitCode = status;
  setTimeout(() => process.exit(), FLUSH_MS).unref();
};
