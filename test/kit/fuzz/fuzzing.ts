// Runs a target on damaged inputs, so many times.
import { Dice } from "../differential/dice.ts";
import type { FuzzTarget } from "./http2-targets.ts";
import { damaged } from "./mutation.ts";

/** One input that takes this long is a hang: they are a few kilobytes at most. */
const HANG_MS = 1_000;
const ATTEMPTS = 3;
/** After so many, what was put off has its turn. */
const TURN = 1_000;

/** Throws with the input, when something went wrong. */
export const fuzz = async (target: FuzzTarget, executions: number, seed: number): Promise<void> => {
  const dice = new Dice(seed);
  for (let done = 0; done < executions; done += TURN) {
    for (let count = Math.min(TURN, executions - done); count > 0; count--) run(target, damaged(dice, target.seeds));
    await new Promise((next) => setImmediate(next));
  }
};

const run = (target: FuzzTarget, input: Buffer): void => {
  // Another process may have had the processor: the same input is slow each time.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) if (tookMs(target, input) < HANG_MS) return;
  throw new Error(`${target.name} takes more than ${HANG_MS} ms on ${input.toString("hex")}`);
};

const tookMs = (target: FuzzTarget, input: Buffer): number => {
  const began = performance.now();
  try {
    target.run(input);
  } catch (reason) {
    throw new Error(`${target.name} on ${input.toString("hex")}`, { cause: reason });
  }
  return performance.now() - began;
};
