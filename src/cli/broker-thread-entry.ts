// What runs in the thread of a broker: starts it, says where it is, and ends it when told.
import { parentPort, workerData } from "node:worker_threads";
import { startBroker } from "../broker/start-broker.ts";
import { processLog } from "../core/log.ts";
import type { ThreadMessage, ThreadOptions } from "./broker-thread.ts";

const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

const isTaken = (reason: unknown): boolean => reason instanceof Error && /EADDRINUSE/.test(reason.message);

const { options, level } = workerData as ThreadOptions; // What startBrokerThread gives.
try {
  const broker = await startBroker({ ...options, log: processLog("debug"), logLevel: level });
  parentPort?.once("message", () => void broker.close().finally(() => parentPort?.close()));
  say({ bootstrap: broker.bootstrap });
} catch (reason) {
  say({ failed: reason instanceof Error ? reason.message : String(reason), isTaken: isTaken(reason) });
  parentPort?.close();
}
