// Walks the records of a batch one after the other, within bounds and without an object a record: produced records are checked with it,
// and stored ones searched and cleaned.
import { WireError } from "../../kafka/wire/reader.ts";

/** The record the cursor stands on is told by its fields. */
export class RecordCursor {
  /** Where it begins, its length included, and where it ends. */
  from = 0;
  to = 0;
  timestampDelta = 0;
  offsetDelta = 0;
  keyAt = 0;
  /** -1 is a null key. */
  keyLength = 0;
  valueAt = 0;
  /** -1 is a null value: a tombstone. */
  valueLength = 0;
  /** Where the key's length, and with it all that does not depend on the batch, begins. */
  payloadAt = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all bytes were walked over. */
  get atEnd(): boolean {
    return this.to === this.#bytes.length;
  }

  get key(): Uint8Array | null {
    return this.keyLength < 0 ? null : this.#bytes.subarray(this.keyAt, this.keyAt + this.keyLength);
  }

  /** Moves on to the next record. Throws a WireError when it is malformed or not there. */
  next(): void {
    this.from = this.to;
    this.#at = this.from;
    const length = this.#varint();
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new WireError(`a record of ${length} bytes at ${this.from} is cut off`);
    this.#at++;
    this.timestampDelta = this.#varlong();
    this.offsetDelta = this.#varint();
    this.payloadAt = this.#at;
    this.keyLength = this.#field();
    this.keyAt = this.#at - Math.max(this.keyLength, 0);
    this.valueLength = this.#field();
    this.valueAt = this.#at - Math.max(this.valueLength, 0);
    this.#headers();
    if (this.#at !== end) throw new WireError(`the record at ${this.from} does not have the ${length} bytes it announces`);
    this.to = end;
  }

  #at = 0;

  #headers(): void {
    const count = this.#varint();
    if (count < 0 || count > this.#bytes.length - this.#at) throw new WireError(`${count} headers in the record at ${this.from}`);
    for (let index = 0; index < count; index++) {
      if (this.#field() < 0) throw new WireError(`a header without a name in the record at ${this.from}`);
      this.#field();
    }
  }

  /** Moves over a length and its bytes; returns the length. */
  #field(): number {
    const length = this.#varint();
    if (length < -1 || length > this.#bytes.length - this.#at) throw new WireError(`a length of ${length} in the record at ${this.from}`);
    if (length > 0) this.#at += length;
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new WireError(`the record at ${this.from} is cut off`);
    return byte;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new WireError(`a number of more than 5 bytes in the record at ${this.from}`);
  }

  /** Exact below 2^53. */
  #varlong(): number {
    let value = 0;
    let factor = 1;
    for (let digits = 0; digits < 10; digits++, factor *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new WireError(`a number of more than 10 bytes in the record at ${this.from}`);
  }
}
