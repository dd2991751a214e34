// Metadata that HTTP/2 could not carry is left out silently on the wire, so it is said here: once a binding, since a topic full of such
// records must not fill the log.
import type { Log } from "../../core/log.ts";

export const droppedOnce = (log: Log, binding: string): ((name: string) => void) => {
  let said = false;
  return (name) => {
    if (said) return;
    said = true;
    log.warn("metadata that is not legal on HTTP/2 is left out; said once", { binding, name: JSON.stringify(name) });
  };
};
