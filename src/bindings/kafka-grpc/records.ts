// What a record on a request topic says: which call it belongs to, and what of that call it is.
import { equal, latin1, utf8 } from "../../core/bytes.ts";
import { cancelOf } from "../../exchange/extensions.ts";
import type { CorrelationNames } from "../../exchange/names.ts";
import type { Grpc } from "../../ports/grpc.ts";
import type { StoredRecord } from "../../ports/kafka.ts";
import type { KafkaGrpcCondition } from "./config.ts";

/** Where the calls of the records that pass go, and their replies. */
export interface RecordRoute {
  readonly exit: Grpc;
  readonly scheme: string;
  readonly authority: string;
  readonly replyTo: string;
}

/** `key` is the correlation id with one character a byte: what calls are found by. */
export type RequestRecord =
  /** Passes no filter. */
  | { readonly kind: "other" }
  /** Passes one, but names no call. */
  | { readonly kind: "nameless" }
  | { readonly kind: "cancel"; readonly key: string }
  | { readonly kind: "value" | "end"; readonly key: string; readonly id: Uint8Array; readonly route: RecordRoute };

const OTHER: RequestRecord = { kind: "other" };
const NAMELESS: RequestRecord = { kind: "nameless" };

interface Filter {
  readonly route: RecordRoute;
  readonly key: Uint8Array | undefined;
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array }[];
}

/** Reads the records of one topic. */
export class RecordReader {
  readonly #correlationId: string;
  readonly #names: CorrelationNames;
  readonly #filters: Filter[] = [];

  constructor(names: CorrelationNames) {
    this.#names = names;
    this.#correlationId = names.correlationId;
  }

  /** A further filter; the first that a record passes counts. */
  add({ key, headers, service, method, replyTo }: KafkaGrpcCondition, route: RecordRoute): void {
    const wanted = headers.map(([name, value]) => ({ name, value: utf8(value) }));
    wanted.push({ name: this.#names.replyTo, value: utf8(replyTo) });
    if (service !== undefined) wanted.push({ name: this.#names.service, value: utf8(service) });
    if (method !== undefined) wanted.push({ name: this.#names.method, value: utf8(method) });
    this.#filters.push({ route, key: key === undefined ? undefined : utf8(key), headers: wanted });
  }

  /** Throws only what the record throws when its headers cannot be read. */
  read(record: StoredRecord): RequestRecord {
    const id = record.header(this.#correlationId);
    // A cancel names its call in a header of its own, so that readers that do not know it pass it over: no filter can apply to it.
    if (id === undefined && record.value?.length === 0) {
      const cancelled = cancelOf(record);
      if (cancelled !== undefined) return { kind: "cancel", key: latin1(cancelled) };
    }
    const route = this.#routeOf(record);
    if (route === undefined) return OTHER;
    if (id === undefined || id === null || id.length === 0) return NAMELESS;
    return { kind: record.value === null ? "end" : "value", key: latin1(id), id, route };
  }

  #routeOf(record: StoredRecord): RecordRoute | undefined {
    for (const { route, key, headers } of this.#filters) {
      if (key !== undefined && (record.key === null || !equal(key, record.key))) continue;
      if (headers.every(({ name, value }) => hasHeader(record, name, value))) return route;
    }
    return undefined;
  }
}

/** Any header of that name with that value counts. */
const hasHeader = (record: StoredRecord, name: string, wanted: Uint8Array): boolean => {
  const last = record.header(name);
  if (last === undefined) return false;
  if (last !== null && equal(last, wanted)) return true;
  let found = false;
  record.eachHeader((other, value) => {
    if (other === name && value !== null && equal(value, wanted)) found = true;
  });
  return found;
};
