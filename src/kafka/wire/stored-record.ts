// A record as a view of the batch it came in: key, value and headers are found in place when they are asked for.
import type { StoredRecord } from "../../ports/kafka.ts";
import { nameBytes } from "./names.ts";
import * as fields from "./record-fields.ts";

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
  readonly baseOffset: number;
  readonly firstTimestampMs: number;
  /** Of every record, where the topic stamps them when they are appended. */
  readonly appendTimestampMs: number | undefined;
}

const NO_PROGRESS: readonly number[] = [];

/** The offset of a source's record. */
export const offsetAt = (source: RecordSource, at: number): number => source.baseOffset + fields.offsetDelta(source.bytes, at);

/** A record of a batch: its source and where it is say everything, so a log keeps those and makes the record for whoever reads it. */
export class BatchRecord implements StoredRecord {
  readonly source: RecordSource;
  /** Where its length stands in the source's bytes. */
  readonly at: number;
  readonly offset: number;
  #place: Place | undefined;
  #value: Uint8Array | null | undefined;
  #progress: readonly number[] | undefined;

  constructor(source: RecordSource, at: number, place?: Place) {
    this.source = source;
    this.at = at;
    this.offset = offsetAt(source, at);
    this.#place = place;
  }

  /** Once, by whoever gives the record to a reader; before, `progress` is empty. */
  settle(place: Place): void {
    this.#place = place;
  }

  /** What it takes in its batch, not compressed. */
  get bytes(): number {
    return fields.recordLength(this.source.bytes, this.at);
  }

  get timestampMs(): number {
    const { bytes, firstTimestampMs, appendTimestampMs } = this.source;
    return appendTimestampMs ?? firstTimestampMs + fields.timestampDelta(bytes, this.at);
  }

  get topic(): string {
    return this.source.topic;
  }

  get partition(): number {
    return this.source.partition;
  }

  get key(): Uint8Array | null {
    const { bytes } = this.source;
    return fields.view(bytes, fields.keyFieldOf(bytes, this.at));
  }

  /** The same view each time: readers share it. */
  get value(): Uint8Array | null {
    const { bytes } = this.source;
    if (this.#value === undefined) this.#value = fields.view(bytes, fields.valueFieldOf(bytes, this.at));
    return this.#value;
  }

  get progress(): readonly number[] {
    this.#progress ??= this.#place?.progressAt(this.offset) ?? NO_PROGRESS;
    return this.#progress;
  }

  header(name: string): Uint8Array | null | undefined {
    const { bytes } = this.source;
    const wanted = nameBytes(name);
    const end = fields.recordEnd(bytes, this.at);
    let found = -1;
    for (let at = fields.headersOf(bytes, this.at); at < end; ) {
      const value = fields.afterField(bytes, at);
      if (fields.isField(bytes, at, wanted)) found = value;
      at = fields.afterField(bytes, value);
    }
    return found === -1 ? undefined : fields.view(bytes, found);
  }

  eachHeader(visit: (name: string, value: Uint8Array | null) => void, prefix = ""): void {
    const { bytes } = this.source;
    const wanted = nameBytes(prefix);
    const end = fields.recordEnd(bytes, this.at);
    for (let at = fields.headersOf(bytes, this.at); at < end; ) {
      const value = fields.afterField(bytes, at);
      const next = fields.afterField(bytes, value);
      if (fields.fieldBegins(bytes, at, wanted)) visit(fields.nameOf(bytes, at), fields.view(bytes, value));
      at = next;
    }
  }

  /** All values of a header that are not null, as text of one character a byte (`latin1` of core/bytes). */
  eachValueText(name: string, visit: (value: string) => void): void {
    const { bytes } = this.source;
    const wanted = nameBytes(name);
    const end = fields.recordEnd(bytes, this.at);
    for (let at = fields.headersOf(bytes, this.at); at < end; ) {
      const value = fields.afterField(bytes, at);
      const next = fields.afterField(bytes, value);
      const text = fields.isField(bytes, at, wanted) ? fields.latin1Of(bytes, value) : undefined;
      if (text !== undefined) visit(text);
      at = next;
    }
  }

  /** The key as text of one character a byte; undefined for none. */
  keyText(): string | undefined {
    const { bytes } = this.source;
    return fields.latin1Of(bytes, fields.keyFieldOf(bytes, this.at));
  }

  hasKey(key: Uint8Array): boolean {
    const { bytes } = this.source;
    return fields.isField(bytes, fields.keyFieldOf(bytes, this.at), key);
  }

  /** Whether any header of that name has that value. */
  hasHeader(name: string, value: Uint8Array): boolean {
    const { bytes } = this.source;
    const wanted = nameBytes(name);
    const end = fields.recordEnd(bytes, this.at);
    for (let at = fields.headersOf(bytes, this.at); at < end; ) {
      const held = fields.afterField(bytes, at);
      if (fields.isField(bytes, at, wanted) && fields.isField(bytes, held, value)) return true;
      at = fields.afterField(bytes, held);
    }
    return false;
  }
}
