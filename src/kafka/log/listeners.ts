// The readers at the tail of a log that wait for records of a header's value or of a key: a record finds them by a look-up, so a thousand
// waiting calls cost what one costs.
import type { BatchRecord } from "../wire/stored-record.ts";
import type { Handle } from "./matcher.ts";

/** Most values have one listener; a set only where there are more. */
type Listed<T> = Map<string, T | Set<T>>;

export class Listeners<T extends object> {
  readonly #byHeader = new Map<string, Listed<T>>();
  readonly #byKey: Listed<T> = new Map();

  add(handle: Handle, listener: T): void {
    const list = this.#listOf(handle);
    const value = valueIn(handle);
    const known = list.get(value);
    if (known === undefined) list.set(value, listener);
    else if (known instanceof Set) known.add(listener);
    else if (known !== listener) list.set(value, new Set([known, listener]));
  }

  remove(handle: Handle, listener: T): void {
    const list = this.#listOf(handle);
    const value = valueIn(handle);
    const known = list.get(value);
    if (known instanceof Set) {
      known.delete(listener);
      if (known.size === 0) list.delete(value);
    } else if (known === listener) list.delete(value);
    if ("header" in handle && list.size === 0) this.#byHeader.delete(handle.header);
  }

  /** Visits who may want the record; some of them more than once. */
  find(record: BatchRecord, visit: (listener: T) => void): void {
    for (const [name, list] of this.#byHeader) record.eachValueText(name, (value) => hear(list, value, visit));
    if (this.#byKey.size === 0) return;
    const key = record.keyText();
    if (key !== undefined) hear(this.#byKey, key, visit);
  }

  get empty(): boolean {
    return this.#byHeader.size === 0 && this.#byKey.size === 0;
  }

  #listOf(handle: Handle): Listed<T> {
    if ("key" in handle) return this.#byKey;
    const known = this.#byHeader.get(handle.header);
    if (known) return known;
    const made: Listed<T> = new Map();
    this.#byHeader.set(handle.header, made);
    return made;
  }
}

const valueIn = (handle: Handle): string => ("key" in handle ? handle.key : handle.value);

const hear = <T extends object>(list: Listed<T>, value: string, visit: (listener: T) => void): void => {
  const found = list.get(value);
  if (found === undefined) return;
  if (found instanceof Set) for (const listener of found) visit(listener);
  else visit(found);
};
