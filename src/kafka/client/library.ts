// The Kafka library, loaded when a client starts and not before: it takes half a second. The only file that names it as a value.
import type * as Kafka from "@platformatic/kafka";

export type Library = typeof Kafka;

let loading: Promise<Library> | undefined;

/** Loaded once a process. */
export const loadLibrary = (): Promise<Library> => {
  loading ??= import("@platformatic/kafka");
  return loading;
};
