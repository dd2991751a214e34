// One share of the power cuts, in a thread of its own: the test runner follows every promise of its own thread, which here costs as much as
// the cuts themselves. It is given the seeds, and answers with how many batches were acknowledged.
import { parentPort, workerData } from "node:worker_threads";
import { crash } from "./crash.ts";

const { seeds, cuts } = workerData as { readonly seeds: readonly number[]; readonly cuts: number }; // What the test hands over.
let acknowledged = 0;
for (const seed of seeds) {
  try {
    acknowledged += (await crash({ seed, cuts })).acknowledged;
  } catch (reason) {
    throw new Error(`seed ${seed}`, { cause: reason });
  }
}
parentPort?.postMessage(acknowledged);
