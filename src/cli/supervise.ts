// `sluice start` with several workers: this process starts them, keeps them running, answers for their metrics, and ends with them.
import { type ChildProcess, fork } from "node:child_process";
import { type MetricRow, metricRows, serveMetrics } from "../admin/metrics-socket.ts";
import type { Graph } from "../config/graph.ts";
import { systemClock } from "../core/clock.ts";
import { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import { Exporters } from "../engine/exporters.ts";
import type { FromWorker, WorkerStart } from "../engine/workers/messages.ts";
import { Supervisor } from "../engine/workers/supervisor.ts";
import type { ProcessOwner, WorkerProcess } from "../engine/workers/worker.ts";
import type { Io } from "./command.ts";
import { announceNotReady, announceReady, metricsSocket } from "./engine-directory.ts";
import { logOf } from "./prepared.ts";
import { toldToEnd } from "./told-to-end.ts";
import type { ToProcess, WorkerTask } from "./worker-task.ts";

export interface Supervised {
  readonly graph: Graph;
  readonly workers: number;
  readonly task: WorkerTask;
}

/** What runs in a worker: beside this file, in the language that this file is in. */
const ENTRY = new URL(`./worker-entry${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`, import.meta.url);

/** The status of an end that was not clean. */
const FAILED = 1;

/** What is said to a process that has just ended is for nobody. */
const say = (child: ChildProcess, message: ToProcess): void => {
  if (child.connected) child.send(message, () => {});
};

/** It has ended when nothing more can be heard of it, so that its last words count. */
const forked = (task: WorkerTask, io: Io, { start, owner }: { start: WorkerStart; owner: ProcessOwner }): WorkerProcess => {
  const child = fork(ENTRY, { stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced", env: io.env, cwd: io.directory });
  let waits = 2;
  const gone = (): void => {
    waits -= 1;
    if (waits === 0) owner.ended({ status: child.exitCode, signal: child.signalCode });
  };
  child.on("message", (message) => owner.said(message as FromWorker)); // What worker-entry.ts says.
  child.once("disconnect", gone).once("exit", gone);
  child.on("error", () => {
    if (child.pid === undefined) owner.ended({ status: FAILED, signal: null }); // Else it could not be told something: its end follows.
  });
  say(child, { kind: "serve", task, start });
  return { pid: child.pid ?? 0, send: (message) => say(child, message), kill: () => void child.kill("SIGKILL") };
};

const rowsOf = async (supervisor: Supervisor): Promise<readonly MetricRow[]> => {
  const each = [...(await supervisor.countedEach())].flatMap(([worker, counters]) =>
    metricRows(counters).map((row) => ({ worker, ...row })),
  );
  return [...metricRows(await supervisor.counted()), ...each];
};

/** Topics of replies that no route has said anything about: what is right for all responders is not what is cheapest for some. */
const repliesReadByAll = (graph: Graph): readonly string[] => {
  const forms = graph.bindings
    .filter(({ type }) => type === "grpc-kafka")
    .flatMap((node) => node.at("routes").items())
    .map((route) => route.at("with"));
  const topics = forms.filter((form) => !form.at("replies").present).flatMap((form) => form.at("reply-to").string() ?? []);
  return [...new Set(topics)];
};

const hint = (topic: string, log: Log): void =>
  log.info("each worker reads all replies; if their keys are correlation ids, 'replies: own' on the route lets each read a share", {
    topic,
  });

/** Runs until told to end; the exit status. Rejects when a worker cannot be started at first. */
export const supervise = async ({ graph, workers, task }: Supervised, io: Io): Promise<number> => {
  const { told, drainMs } = task;
  const log = logOf(told);
  const supervisor: Supervisor = new Supervisor({
    ...{ workers, clock: systemClock, log },
    spawn: (start, owner) => forked(task, io, { start, owner }),
    changed: (ready) => (ready > 0 ? announceReady(told.directory) : announceNotReady(told.directory)),
  });
  const exporters = new Exporters(
    graph.namespaces.flatMap((namespace) => namespace.exporters).filter(({ type }) => type === "prometheus"),
    { counters: () => supervisor.counted(), events: new Events(), printEvents: false, out: io.out },
  );
  for (const topic of repliesReadByAll(graph)) hint(topic, log);
  const end = toldToEnd(log, () => supervisor.kill());
  await exporters.start();
  try {
    await supervisor.start();
    const socket = await serveMetrics(() => rowsOf(supervisor), metricsSocket(told.directory));
    announceReady(told.directory);
    log.info("started", { pid: process.pid, workers });
    await end;
    const clean = await supervisor.drain(drainMs);
    await socket.close();
    log.info("stopped");
    return clean ? 0 : FAILED;
  } finally {
    await exporters.close();
  }
};
