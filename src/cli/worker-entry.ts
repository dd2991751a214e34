// What runs in a worker process: the engine, until the supervisor says that it is to end, or is gone itself. A signal to this process alone
// drains it, and the supervisor starts another.
import { once } from "node:events";
import { type Log, withFacts } from "../core/log.ts";
import { snapshotOf } from "../core/snapshot.ts";
import type { Engine } from "../engine/engine.ts";
import type { FromWorker, WorkerStart } from "../engine/workers/messages.ts";
import { shareOf } from "../engine/workers/share.ts";
import type { WorkerPlace } from "../engine/workers/worker-place.ts";
import type { Io } from "./command.ts";
import { logOf, type Prepared, prepare, sayFailed } from "./prepared.ts";
import { endProcess, processIo } from "./process-io.ts";
import { toldToEnd } from "./told-to-end.ts";
import type { ToProcess, WorkerTask } from "./worker-task.ts";

const FAILED = 1;
const io = processIo();
/** Settles when the supervisor says so. */
const drained = Promise.withResolvers<void>();
let engine: Engine | undefined;

const tell = (message: FromWorker): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {}); // Whoever is gone needs no answer.
};

/** What there is to be warned of the supervisor has said. */
const prepared = (
  task: WorkerTask,
  log: Log,
  { number, of, place }: WorkerStart & { readonly place: WorkerPlace },
): Prepared | undefined => {
  const said: string[] = [];
  const quiet: Io = { ...io, err: (text) => said.push(text) };
  const made = prepare({ ...task, log, share: shareOf({ number, of }, task.turn), worker: place }, quiet);
  if (!made) io.err(said.join(""));
  return made;
};

const serve = async (task: WorkerTask, start: WorkerStart): Promise<number> => {
  const { number, first, ports: chosen } = start;
  const log = withFacts(logOf(task.told), { worker: number });
  const ports: Record<string, number[]> = {};
  const listens: WorkerPlace["listens"] = (binding, at, port) => {
    ports[binding] ??= [];
    ports[binding][at] = port;
  };
  const end = Promise.race([toldToEnd(log), drained.promise, once(process, "disconnect")]);
  const made = prepared(task, log, { ...start, place: { number, first, chosen, listens } });
  if (!made) return FAILED;
  engine = made.engine;
  await engine.start();
  tell({ kind: "ready", ports });
  log.info("worker started", { pid: process.pid });
  await end;
  if (!process.connected) log.error("the supervisor is gone: draining");
  await engine.stop(task.drainMs);
  tell({ kind: "counted", counted: snapshotOf(engine.counters) });
  log.info("worker stopped");
  return 0;
};

process.on("message", (message: ToProcess) => {
  if (message.kind === "drain") drained.resolve();
  else if (message.kind === "count") tell({ kind: "counted", ask: message.ask, counted: engine ? snapshotOf(engine.counters) : [] });
  else {
    serve(message.task, message.start)
      .catch((reason: unknown) => {
        sayFailed(reason, message.task.told, io);
        return FAILED;
      })
      .then((status) => {
        endProcess(status);
        if (process.connected) process.disconnect();
      });
  }
});
