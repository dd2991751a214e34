// What readers behind the tail of a log read from Kafka, for all of them: a range is fetched once for readers that are near each other, what
// was fetched is kept under one limit, and only so many fetches are on their way at a time, however many readers lag.
import type { Status } from "../../core/status.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { Fifo } from "./fifo.ts";
import {
  CHUNK_OVERHEAD_BYTES,
  RANGE_BYTES_MAX,
  RANGE_BYTES_MIN,
  RANGE_FETCHES_MAX,
  RANGE_JOIN_SPAN,
  RECORD_OVERHEAD_BYTES,
} from "./limits.ts";
import type { Holder, Kept, LogMemory } from "./log-memory.ts";
import { PackedRecords } from "./packed-records.ts";
import type { RangePart, RangeReader, RangeRecords, RangeSource } from "./range-source.ts";

/** Records of a partition that were fetched: all there are from an offset up to and without another. */
export class Extent implements Kept {
  readonly partition: number;
  readonly from: number;
  readonly next: number;
  /** How many there are. */
  readonly length: number;
  readonly cost: number;
  dropped = false;
  /** Undefined when there are none, and once the extent was dropped. */
  packed: PackedRecords | undefined;

  /** `from` is EARLIEST where the first record says where that is. */
  constructor({ partition, records, next }: RangeRecords, from: number) {
    this.partition = partition;
    this.from = from < 0 ? (records[0]?.offset ?? next) : from;
    this.next = next;
    this.length = records.length;
    this.packed = records.length > 0 ? new PackedRecords(records) : undefined;
    this.cost = CHUNK_OVERHEAD_BYTES + (this.packed?.sourceBytes ?? 0) + records.length * RECORD_OVERHEAD_BYTES;
  }

  forget(): void {
    this.packed = undefined;
  }
}

/** Who waits for a range. One of these comes once, from a later turn, unless it has left. */
export interface ExtentWaiter {
  /** Of what it asked for itself; none when others asked: then it may find what it wants, or ask again. */
  read(extents: readonly Extent[]): void;
  failed(status: Status): void;
}

/** A fetch that is wanted or on its way, for whoever asked and for those that join. */
class Asked implements RangeReader {
  readonly parts: readonly RangePart[];
  readonly waiting = new Set<ExtentWaiter>();
  call: { cancel(): void } | undefined;
  readonly #first: ExtentWaiter;
  readonly #cache: RangeCache;

  constructor(cache: RangeCache, parts: readonly RangePart[], first: ExtentWaiter) {
    this.#cache = cache;
    this.parts = parts;
    this.#first = first;
    this.waiting.add(first);
  }

  /** Whether it will bring, most likely, what is wanted. */
  covers({ partition, from }: RangePart): boolean {
    return this.parts.some(
      (part) =>
        part.partition === partition && (part.from === from || (part.from >= 0 && from > part.from && from - part.from < RANGE_JOIN_SPAN)),
    );
  }

  read(parts: readonly RangeRecords[]): void {
    const extents = this.#cache.fetched(this, parts);
    for (const waiter of this.waiting) waiter.read(waiter === this.#first ? extents : []);
    for (const extent of extents) this.#cache.keep(extent); // After that: one that is too large for the limit is given, too.
    this.#cache.serve();
  }

  /** What failed for whoever asked need not fail for the others. */
  failed(status: Status): void {
    this.#cache.fetched(this, []);
    this.#cache.serve();
    for (const waiter of this.waiting) {
      if (waiter === this.#first) waiter.failed(status);
      else waiter.read([]);
    }
  }
}

export class RangeCache implements Holder {
  /** What was fetched, in bytes of records. */
  bytesFetched = 0;
  readonly #topic: string;
  readonly #source: RangeSource;
  readonly #memory: LogMemory;
  /** In the order they came. */
  readonly #order = new Fifo<Extent>();
  readonly #byPartition: Extent[][] = [];
  #asked: Asked[] = [];
  #fetching = 0;
  #readers = 0;

  constructor(topic: string, source: RangeSource, memory: LogMemory) {
    this.#topic = topic;
    this.#source = source;
    this.#memory = memory;
  }

  /** There is one more that lags, … */
  entered(): void {
    this.#readers++;
  }
  /** … or one less. */
  left(): void {
    this.#readers--;
  }

  /** What is kept from that offset on, as far as it goes. */
  find(partition: number, offset: number): Extent | undefined {
    let found: Extent | undefined;
    for (const extent of this.#byPartition[partition] ?? [])
      if (extent.from <= offset && extent.next > offset && extent.next > (found?.next ?? 0)) found = extent;
    return found;
  }

  /** Nothing of these parts is kept, and some of them have to be read. */
  ask(parts: readonly RangePart[], waiter: ExtentWaiter): { cancel(): void } {
    const known = this.#asked.find((asked) => parts.some((part) => asked.covers(part)));
    const asked = known ?? new Asked(this, parts, waiter);
    if (known) known.waiting.add(waiter);
    else {
      this.#asked.push(asked);
      this.#pump();
    }
    return { cancel: () => this.#forget(asked, waiter) };
  }

  /** Nothing of it stands any more. */
  clear(): void {
    for (let extent = this.#order.shift(); extent; extent = this.#order.shift()) this.#memory.giveBack(extent);
    this.#byPartition.length = 0;
  }

  // For the memory.

  dropFirst(): void {
    const extent = this.#order.shift()!; // It is asked for one that is there.
    const extents = this.#byPartition[extent.partition]!;
    extents.splice(extents.indexOf(extent), 1);
  }

  // For what was asked.

  fetched(asked: Asked, parts: readonly RangeRecords[]): readonly Extent[] {
    this.#fetching--;
    this.#asked = this.#asked.filter((other) => other !== asked);
    const extents: Extent[] = [];
    for (const part of parts) {
      const { from = 0 } = asked.parts.find(({ partition }) => partition === part.partition) ?? {};
      const extent = new Extent({ ...part, records: notBelow(part.records, from) }, from);
      extents.push(extent);
      this.bytesFetched += extent.packed?.bytes ?? 0;
    }
    return extents;
  }

  keep(extent: Extent): void {
    this.#order.push(extent);
    const extents = this.#byPartition[extent.partition] ?? [];
    this.#byPartition[extent.partition] = extents;
    extents.push(extent);
    this.#memory.take(extent, this);
  }

  /** Those that still wait for their turn may have it by now. */
  serve(): void {
    const served = this.#asked.filter(({ call, parts }) => !call && parts.some(({ partition, from }) => this.find(partition, from)));
    this.#asked = this.#asked.filter((asked) => !served.includes(asked));
    for (const { waiting } of served) for (const waiter of waiting) waiter.read([]);
    this.#pump();
  }

  #forget(asked: Asked, waiter: ExtentWaiter): void {
    if (!asked.waiting.delete(waiter) || asked.waiting.size > 0 || !this.#asked.includes(asked)) return;
    this.#asked = this.#asked.filter((other) => other !== asked);
    if (asked.call === undefined) return;
    asked.call.cancel();
    this.#fetching--;
    this.#pump();
  }

  /** Each reader's part of what can be kept, within bounds. */
  get #bytesMax(): number {
    return Math.max(RANGE_BYTES_MIN, Math.min(RANGE_BYTES_MAX, Math.floor(this.#memory.bytesMax / (this.#readers + 1))));
  }

  #pump(): void {
    for (const asked of this.#asked) {
      if (this.#fetching >= RANGE_FETCHES_MAX) return;
      if (asked.call) continue;
      this.#fetching++;
      asked.call = this.#source.read(this.#topic, { parts: asked.parts, bytesMax: this.#bytesMax }, asked);
    }
  }
}

const notBelow = (records: readonly BatchRecord[], from: number): readonly BatchRecord[] =>
  (records[0]?.offset ?? from) >= from ? records : records.filter(({ offset }) => offset >= from);
