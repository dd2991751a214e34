// Time, injected: what waits or looks at the time asks a Clock, so that a test can turn it by hand.

/** A call that is still to come. */
export interface Timer {
  cancel(): void;
}

/** Where the time comes from. */
export interface Clock {
  /** Unix time in milliseconds, for what leaves the process (record timestamps, deadlines). */
  now(): number;
  /** Milliseconds that never go backwards, for durations. */
  monotonicMs(): number;
  /** Calls once after `delayMs`. A throw from it is the caller's to catch (see flow/edge). */
  after(delayMs: number, call: () => void): Timer;
}

/** The longest delay a Node timer takes; longer ones are cut to it and must be armed again. */
export const TIMER_DELAY_MS_MAX = 0x7fffffff;

/** The machine's own time and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, call) {
    const handle = setTimeout(call, Math.min(Math.max(delayMs, 0), TIMER_DELAY_MS_MAX));
    return { cancel: () => clearTimeout(handle) };
  },
};
