// How noisy the machine is: the same work again and again, and how much longer it sometimes takes. Figures beside a spread of 2 are worth
// little.

const ROUNDS = 20;
const STEPS = 3_000_000;

/** A fixed amount of arithmetic, in milliseconds. */
const workMs = (): number => {
  const began = performance.now();
  let sum = 0;
  for (let at = 0; at < STEPS; at++) sum = (sum * 31 + at) | 0;
  const tookMs = performance.now() - began;
  return sum === 1 ? tookMs + 1 : tookMs; // The sum is used, so that the loop is not thrown away.
};

export interface Noise {
  readonly medianMs: number;
  readonly maxMs: number;
  /** Longest over shortest. */
  readonly spread: number;
}

export const measureNoise = (): Noise => {
  for (let round = 0; round < 3; round++) workMs();
  const times = Array.from({ length: ROUNDS }, workMs).sort((a, b) => a - b);
  const [shortest = 1, longest = 1] = [times[0], times.at(-1)];
  return { medianMs: times[ROUNDS / 2] ?? 0, maxMs: longest, spread: longest / shortest };
};
