// What a supervisor tells a worker process before anything else.
import type { Source } from "../config/document.ts";
import type { ToWorker, WorkerStart } from "../engine/workers/messages.ts";
import type { Told } from "./prepared.ts";

/** What all workers serve: the file as it was at the start, whatever has become of it since. */
export interface WorkerTask {
  readonly source: Source;
  readonly told: Told;
  readonly drainMs: number;
  /** See `shareOf`. */
  readonly turn: number;
}

/** `serve` comes first, once. */
export type ToProcess = ToWorker | { readonly kind: "serve"; readonly task: WorkerTask; readonly start: WorkerStart };
