// Runs a target on damaged inputs, so many times.
import { Dice } from "../differential/dice.ts";
import type { FuzzTarget } from "./http2-targets.ts";
import { damaged } from "./mutation.ts";

/** One input that takes this long is a hang: they are a few kilobytes at most. */
const HANG_MS = 1_000;
/** The time is looked at once in so many. */
const TURN = 1_000;

/** Throws with the input, when something went wrong. */
export const fuzz = async (target: FuzzTarget, executions: number, seed: number): Promise<void> => {
  const dice = new Dice(seed);
  for (let done = 0; done < executions; done += TURN) {
    const began = performance.now();
    for (let count = Math.min(TURN, executions - done); count > 0; count--) run(target, damaged(dice, target.seeds));
    if (performance.now() - began > HANG_MS * TURN) throw new Error(`${target.name}: ${TURN} inputs took ${performance.now() - began} ms`);
    await new Promise((next) => setImmediate(next)); // What was put off is done.
  }
};

const run = (target: FuzzTarget, input: Buffer): void => {
  const began = performance.now();
  try {
    target.run(input);
  } catch (reason) {
    throw new Error(`${target.name} on ${input.toString("hex")}`, { cause: reason });
  }
  const tookMs = performance.now() - began;
  if (tookMs > HANG_MS) throw new Error(`${target.name} took ${tookMs} ms on ${input.toString("hex")}`);
};
