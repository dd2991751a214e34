// The one door for what Node calls: socket events, timers, setImmediate, receipts. Without it a throw ends the process.
import { StatusError } from "../core/status.ts";

/** Runs `work`; what it throws becomes a StatusError for `failed`, which must not throw. */
export const enter = (work: () => void, failed: (error: StatusError) => void): void => {
  try {
    work();
  } catch (reason) {
    failed(StatusError.from(reason));
  }
};
