// The load generator as its users see it: a process that makes calls, or reads, and tells how it went.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endWithUs, stop } from "../processes.ts";
import type { CallsOptions, CallsResult, LoadOptions, ReadersOptions, ReadersResult } from "./options.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

const ask = async (child: ChildProcess, options: LoadOptions): Promise<unknown> => {
  const answered = once(child, "message");
  child.send(options);
  const [{ result, error }] = (await answered) as [{ result?: unknown; error?: string }]; // What the worker sends.
  if (error !== undefined) throw new Error(`load: ${error}`);
  return result;
};

/** One process; it takes one task at a time. */
export interface Load {
  calls(options: Omit<CallsOptions, "kind">): Promise<CallsResult>;
  /** Opens readers; they stay, for `more`, until the process is stopped. */
  readers(options: Omit<ReadersOptions, "kind">): Promise<ReadersResult>;
  /** Waits until each reader has so many messages in all. */
  more(messages: number): Promise<ReadersResult>;
  stop(): Promise<void>;
}

export const startLoad = (): Load => {
  const child = fork(WORKER, { stdio: "inherit" });
  endWithUs(child);
  return {
    calls: (options) => ask(child, { kind: "calls", ...options }) as Promise<CallsResult>, // As the worker answers that kind.
    readers: (options) => ask(child, { kind: "readers", ...options }) as Promise<ReadersResult>, // As the worker answers that kind.
    more: (messages) => ask(child, { kind: "more", messages }) as Promise<ReadersResult>, // As the worker answers that kind.
    stop: async () => void (await stop(child)),
  };
};
