// A record as a view of the batch it came in: key, value and headers are found in place when they are asked for.
import type { StoredRecord } from "../../ports/kafka.ts";
import { nameBytes } from "./names.ts";

/** What a reader has been given, as the log that holds the record knows it. */
export interface Place {
  /** The next offset of each partition after this record. */
  progressAt(offset: number): readonly number[];
}

/** What the records of one decoded batch share. Its bytes were found to be well-formed. */
export interface RecordSource {
  readonly topic: string;
  readonly partition: number;
  /** The records, decompressed. */
  readonly bytes: Buffer;
}

/** What is known of a record without looking into it. */
export interface RecordFacts {
  readonly offset: number;
  readonly timestampMs: number;
  readonly bytes: number;
}

const NO_PROGRESS: readonly number[] = [];
/** Walks the fields of one record in well-formed bytes: first the key, then the value, then the headers, one `next()` each. */
class RecordWalk {
  readonly bytes: Buffer;
  keyAt = 0;
  /** Of each length, -1 is null. */
  keyLength = 0;
  nameAt = 0;
  nameLength = 0;
  valueAt = 0;
  valueLength = 0;
  #at: number;

  /** `at` is where the record begins, after its length. */
  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.#at = at + 1;
    this.#skipVarint();
    this.#skipVarint();
    this.keyLength = this.#varint();
    this.keyAt = this.#at;
    if (this.keyLength > 0) this.#at += this.keyLength;
    this.#value();
  }

  /** How many headers follow; once, after the value was looked at. */
  headers(): number {
    return this.#varint();
  }

  nextHeader(): void {
    this.nameLength = this.#varint();
    this.nameAt = this.#at;
    this.#at += this.nameLength;
    this.#value();
  }

  #value(): void {
    this.valueLength = this.#varint();
    this.valueAt = this.#at;
    if (this.valueLength > 0) this.#at += this.valueLength;
  }

  #skipVarint(): void {
    while (this.bytes[this.#at++]! >= 0x80);
  }

  #varint(): number {
    const { bytes } = this;
    let value = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    return (value >>> 1) ^ -(value & 1);
  }
}

const same = (bytes: Uint8Array, at: number, wanted: Uint8Array): boolean => {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
};

const view = (bytes: Buffer, at: number, length: number): Uint8Array | null => (length < 0 ? null : bytes.subarray(at, at + length));

/** A record of a batch. */
export class BatchRecord implements StoredRecord {
  readonly offset: number;
  readonly timestampMs: number;
  /** What it takes in its batch, not compressed. */
  readonly bytes: number;
  readonly #source: RecordSource;
  readonly #at: number;
  #place: Place | undefined;
  #value: Uint8Array | null | undefined;
  #progress: readonly number[] | undefined;

  /** `at` is where it begins in the source's bytes, after its length. */
  constructor(source: RecordSource, at: number, { offset, timestampMs, bytes }: RecordFacts) {
    this.offset = offset;
    this.timestampMs = timestampMs;
    this.bytes = bytes;
    this.#source = source;
    this.#at = at;
  }

  /** Once, by the log that holds the record; before, `progress` is empty. */
  settle(place: Place): void {
    this.#place = place;
  }

  /** The same record for a reader that has a progress of its own. */
  placed(place: Place): BatchRecord {
    const other = new BatchRecord(this.#source, this.#at, this);
    other.settle(place);
    return other;
  }

  get topic(): string {
    return this.#source.topic;
  }

  get partition(): number {
    return this.#source.partition;
  }

  get key(): Uint8Array | null {
    const walk = this.#walk();
    return view(walk.bytes, walk.keyAt, walk.keyLength);
  }

  /** The same view each time: readers share it. */
  get value(): Uint8Array | null {
    if (this.#value === undefined) {
      const walk = this.#walk();
      this.#value = view(walk.bytes, walk.valueAt, walk.valueLength);
    }
    return this.#value;
  }

  get progress(): readonly number[] {
    this.#progress ??= this.#place?.progressAt(this.offset) ?? NO_PROGRESS;
    return this.#progress;
  }

  header(name: string): Uint8Array | null | undefined {
    let at = -1;
    let length = 0;
    const walk = this.#walk();
    this.#eachNamed(walk, name, () => {
      at = walk.valueAt;
      length = walk.valueLength;
      return false;
    });
    return at === -1 ? undefined : view(walk.bytes, at, length);
  }

  eachHeader(visit: (name: string, value: Uint8Array | null) => void): void {
    const walk = this.#walk();
    const { bytes } = walk;
    for (let left = walk.headers(); left > 0; left--) {
      walk.nextHeader();
      visit(bytes.toString("utf8", walk.nameAt, walk.nameAt + walk.nameLength), view(bytes, walk.valueAt, walk.valueLength));
    }
  }

  /** All values of a header that are not null, as text of one character a byte (`latin1` of core/bytes). */
  eachValueText(name: string, visit: (value: string) => void): void {
    const walk = this.#walk();
    this.#eachNamed(walk, name, () => {
      if (walk.valueLength >= 0) visit(walk.bytes.toString("latin1", walk.valueAt, walk.valueAt + walk.valueLength));
      return false;
    });
  }

  /** The key as text of one character a byte; undefined for none. */
  keyText(): string | undefined {
    const { bytes, keyAt, keyLength } = this.#walk();
    return keyLength < 0 ? undefined : bytes.toString("latin1", keyAt, keyAt + keyLength);
  }

  hasKey(key: Uint8Array): boolean {
    const { bytes, keyAt, keyLength } = this.#walk();
    return keyLength === key.length && same(bytes, keyAt, key);
  }

  /** Whether any header of that name has that value. */
  hasHeader(name: string, value: Uint8Array): boolean {
    const walk = this.#walk();
    return this.#eachNamed(walk, name, () => walk.valueLength === value.length && same(walk.bytes, walk.valueAt, value));
  }

  #walk(): RecordWalk {
    return new RecordWalk(this.#source.bytes, this.#at);
  }

  /** Stops `walk` at the first header of that name of which `found` says so. */
  #eachNamed(walk: RecordWalk, name: string, found: () => boolean): boolean {
    const wanted = nameBytes(name);
    for (let left = walk.headers(); left > 0; left--) {
      walk.nextHeader();
      if (walk.nameLength === wanted.length && same(walk.bytes, walk.nameAt, wanted) && found()) return true;
    }
    return false;
  }
}
