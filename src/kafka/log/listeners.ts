// The readers at the tail of a log that wait for records of a header's value or of a key: a record finds them by a look-up, so a thousand
// waiting calls cost what one costs.
import { Registry } from "../../core/members.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { Handle } from "./matcher.ts";

/** Most values have one listener; a set only where there are more. */
type Listed<T> = Registry<string, T | Set<T>>;

/** Who waits for values of one header. */
interface Named<T> {
  readonly header: string;
  readonly listed: Listed<T>;
  /** Visits who waits for that value. */
  readonly hear: (value: string) => void;
}

export class Listeners<T extends object> {
  /** Few, and gone through for each record. */
  #named: readonly Named<T>[] = [];
  readonly #byKey: Listed<T> = new Registry();
  #visit: (listener: T) => void = () => {};

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
  }

  /** Visits who may want the record; some of them more than once. `visit` does not come back here. */
  find(record: BatchRecord, visit: (listener: T) => void): void {
    this.#visit = visit;
    for (const { header, listed, hear } of this.#named) if (listed.size > 0) record.eachValueText(header, hear);
    if (this.#byKey.size === 0) return;
    const key = record.keyText();
    if (key !== undefined) this.#hear(this.#byKey, key);
  }

  get empty(): boolean {
    return this.#byKey.size === 0 && this.#named.every(({ listed }) => listed.size === 0);
  }

  #hear(list: Listed<T>, value: string): void {
    const found = list.get(value);
    if (found === undefined) return;
    if (found instanceof Set) for (const listener of found) this.#visit(listener);
    else this.#visit(found);
  }

  #listOf(handle: Handle): Listed<T> {
    if ("key" in handle) return this.#byKey;
    const { header } = handle;
    for (const named of this.#named) if (named.header === header) return named.listed;
    const listed: Listed<T> = new Registry();
    // Names are in the configuration, but what nobody waits for need not be kept.
    const waited = this.#named.filter((named) => named.listed.size > 0);
    this.#named = [...waited, { header, listed, hear: (value) => this.#hear(listed, value) }];
    return listed;
  }
}

const valueIn = (handle: Handle): string => ("key" in handle ? handle.key : handle.value);
