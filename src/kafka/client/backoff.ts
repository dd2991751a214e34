// How long to wait before the next attempt.

export const BACKOFF_MS_MIN = 50;
export const BACKOFF_MS_MAX = 5_000;
/** A wait is up to this share shorter, so that many clients do not come back at the same moment. */
const JITTER = 0.5;

/** After `failures` in a row (at least 1): 50 ms, doubling to 5 s, less up to half of it by `random` (0 to 1). */
export const backoffMs = (failures: number, random: number = Math.random()): number => {
  const full = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(failures - 1, 16));
  return full * (1 - JITTER * random);
};
