// What a supervisor and its workers say to each other. Both are of one version: a worker is started by its supervisor.
import type { Snapshot } from "../../core/snapshot.ts";
import type { ChosenPorts } from "./worker-place.ts";

/** What differs from worker to worker, and from start to start. */
export interface WorkerStart {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly first: boolean;
  readonly ports: ChosenPorts;
}

export type ToWorker =
  /** Finish what is in hand, and end. */
  { readonly kind: "drain" } | { readonly kind: "count"; readonly ask: number };

export type FromWorker =
  | { readonly kind: "ready"; readonly ports: ChosenPorts }
  /** The answer to `count`; without `ask` the last word of a worker that has drained. */
  | { readonly kind: "counted"; readonly ask?: number; readonly counted: Snapshot };
