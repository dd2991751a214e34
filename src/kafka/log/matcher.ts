// What a reader wants of a topic: filters any of which may hold, each with conditions that must all hold. Where every filter has a
// condition, the reader can be found by a look-up instead of looking at every record.
import { latin1 } from "../../core/bytes.ts";
import type { FetchQuery, Filter } from "../../ports/kafka.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { hash64 } from "./hash64.ts";
import type { PackedRecords } from "./packed-records.ts";
import type { ValueHash } from "./value-filter.ts";

/** A reader is found under each of these: a header's name and value, or a key. Values are text of one character a byte. */
export type Handle = { readonly header: string; readonly value: string } | { readonly key: string };

export interface Matcher {
  /** What matches is found under one of these. */
  readonly handles: readonly Handle[];
  /** What is found under one of them matches. */
  readonly exact: boolean;
  matches(record: BatchRecord): boolean;
  /** False: none of the records matches. */
  mayMatch(records: PackedRecords): boolean;
}

/** The handles with the hashes of their values, computed when they are first needed: most readers are found. */
class Hashed {
  readonly #handles: readonly Handle[];
  #hashes: readonly ValueHash[] | undefined;

  constructor(handles: readonly Handle[]) {
    this.#handles = handles;
  }

  mayMatch(records: PackedRecords): boolean {
    records.look();
    this.#hashes ??= this.#handles.map((handle) => hash64("key" in handle ? handle.key : handle.value));
    for (let index = 0; index < this.#handles.length; index++) {
      const handle = this.#handles[index]!;
      const filter = records.filterOf("key" in handle ? undefined : handle.header);
      if (filter === undefined || filter.mayHave(this.#hashes[index]!)) return true;
    }
    return false;
  }
}

const holds = ({ key, headers }: Filter, record: BatchRecord): boolean => {
  if (key && !record.hasKey(key)) return false;
  if (headers) for (const { name, value } of headers) if (!record.hasHeader(name, value)) return false;
  return true;
};

const handleOf = ({ key, headers }: Filter): Handle | undefined => {
  if (key) return { key: latin1(key) };
  const [first] = headers ?? [];
  return first && { header: first.name, value: latin1(first.value) };
};

/** Undefined: everything is wanted. */
export const matcherOf = ({ filters, correlated }: Pick<FetchQuery, "filters" | "correlated">): Matcher | undefined => {
  // One is made for every call, so this is short.
  if (correlated) return new Correlated(correlated.name, correlated.value);
  return filterMatcher(filters);
};

/** Its own only handle. */
class Correlated implements Matcher {
  readonly header: string;
  readonly value: string;
  readonly handles: readonly Handle[];
  readonly exact = true;
  readonly #bytes: Uint8Array;
  #hashed: Hashed | undefined;

  constructor(name: string, value: Uint8Array) {
    this.header = name;
    this.value = latin1(value);
    this.handles = [this];
    this.#bytes = value;
  }

  matches(record: BatchRecord): boolean {
    return record.hasHeader(this.header, this.#bytes);
  }

  mayMatch(records: PackedRecords): boolean {
    this.#hashed ??= new Hashed(this.handles);
    return this.#hashed.mayMatch(records);
  }
}

const filterMatcher = (wanted: readonly Filter[]): Matcher | undefined => {
  const handles = wanted.map(handleOf);
  // A filter without conditions holds for everything.
  if (wanted.length === 0 || handles.includes(undefined)) return undefined;
  const matches = (record: BatchRecord): boolean => wanted.some((filter) => holds(filter, record));
  const exact = wanted.every(({ key, headers }) => (key ? 1 : 0) + (headers?.length ?? 0) === 1);
  const all = handles.filter((handle) => handle !== undefined);
  const hashed = new Hashed(all);
  return { handles: all, exact, matches, mayMatch: (records) => hashed.mayMatch(records) };
};
