// A broker in a thread of its own, so that neither it nor the proxy waits for the other's work.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { BrokerOptions } from "../broker/options.ts";
import type { Level } from "../core/log.ts";

/** What the thread is given; it makes its own log. */
export interface ThreadOptions {
  readonly options: Omit<BrokerOptions, "log">;
  readonly level: Level;
}

/** What it says, once. */
export type ThreadMessage = { readonly bootstrap: string } | { readonly failed: string; readonly isTaken: boolean };

/** The broker could not be started. */
export class ThreadError extends Error {
  /** Its port is another's. */
  readonly isTaken: boolean;

  constructor(message: string, isTaken: boolean) {
    super(message);
    this.name = "ThreadError";
    this.isTaken = isTaken;
  }
}

export interface BrokerThread {
  readonly bootstrap: string;
  /** Settles when everything is durable and the thread has ended. */
  close(): Promise<void>;
}

/** What runs in the thread: beside this file, in the language that this file is in. */
const ENTRY = new URL(`./broker-thread-entry${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`, import.meta.url);

/** Rejects with a ThreadError. */
export const startBrokerThread = async (options: ThreadOptions): Promise<BrokerThread> => {
  const worker = new Worker(ENTRY, { workerData: options });
  const ended = once(worker, "exit");
  const said: ThreadMessage = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (status) => reject(new ThreadError(`the broker's thread ended with ${status}`, false)));
  });
  if ("failed" in said) {
    await ended;
    throw new ThreadError(said.failed, said.isTaken);
  }
  return {
    bootstrap: said.bootstrap,
    close: async () => {
      worker.postMessage("close");
      await ended;
    },
  };
};
