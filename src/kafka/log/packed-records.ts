// Records of one partition as a log keeps them: the bytes they came in and a number each. The records themselves are made for whoever reads
// them: kept as objects, they would be most of what the collector has to look after.
import { recordLength } from "../wire/record-fields.ts";
import { BatchRecord, offsetAt, type Place, type RecordSource } from "../wire/stored-record.ts";
import { ValueFilter } from "./value-filter.ts";

/** The first reader with filters looks at the records; from the next on there is an index of what they look for. */
const LOOKS_WITHOUT = 1;

/** In order; at least one. */
export class PackedRecords {
  readonly length: number;
  /** Of the records, without what is kept beside them. */
  readonly bytes: number;
  readonly #positions: readonly number[];
  /** Most runs of records come in one batch; where the records of each end. */
  readonly #sources: readonly RecordSource[];
  readonly #ends: readonly number[];
  #looks = 0;
  /** By the header's name; of the keys under undefined. */
  #filters: Map<string | undefined, ValueFilter> | undefined;

  constructor(records: readonly BatchRecord[]) {
    this.length = records.length;
    this.#positions = records.map(({ at }) => at);
    this.bytes = bytesOf(records);
    const last = records.at(-1)!.source;
    if (records[0]!.source === last) {
      this.#sources = [last];
      this.#ends = [records.length];
      return;
    }
    const changes = [...records.keys()].filter((index) => index > 0 && records[index]!.source !== records[index - 1]!.source);
    this.#ends = [...changes, records.length];
    this.#sources = this.#ends.map((end) => records[end - 1]!.source);
  }

  /** The record at an index, new each time. */
  record(index: number, place?: Place): BatchRecord {
    return new BatchRecord(this.#sourceOf(index), this.#positions[index]!, place);
  }

  /** Somebody looks for certain records. */
  look(): void {
    this.#looks++;
  }

  /** What the records have of a header, or as keys; undefined as long as it is cheaper to look at them. */
  filterOf(header: string | undefined): ValueFilter | undefined {
    if (this.#looks <= LOOKS_WITHOUT) return undefined;
    this.#filters ??= new Map();
    const known = this.#filters.get(header);
    if (known) return known;
    const made = new ValueFilter(this.records(), header);
    this.#filters.set(header, made);
    return made;
  }

  /** The first index from which on there are offsets from this one on. */
  indexFrom(offset: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offsetAt(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** All records, new each time. */
  records(place?: Place): readonly BatchRecord[] {
    return this.#positions.map((_, index) => this.record(index, place));
  }

  offsetAt(index: number): number {
    return offsetAt(this.#sourceOf(index), this.#positions[index]!);
  }

  bytesAt(index: number): number {
    return recordLength(this.#sourceOf(index).bytes, this.#positions[index]!);
  }

  /** Of the batches it is from, which it holds as a whole. */
  get sourceBytes(): number {
    return this.#sources.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  #sourceOf(index: number): RecordSource {
    let run = 0;
    while (this.#ends[run]! <= index) run++;
    return this.#sources[run]!;
  }
}

export const bytesOf = (records: readonly BatchRecord[]): number => {
  let bytes = 0;
  for (const record of records) bytes += record.bytes;
  return bytes;
};
