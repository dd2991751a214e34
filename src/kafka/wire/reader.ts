// Reads Kafka's primitive types out of one run of bytes, within its bounds. What is malformed throws a WireError; nothing is copied.
import { text } from "../../core/bytes.ts";

/** Bytes that are not what the protocol says. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WireError";
  }
}

/** `classic`: lengths of fixed size, no tagged fields; `flexible`: compact lengths and tagged fields (KIP-482). */
export type Encoding = "classic" | "flexible";

const HIGH = 0x100000000;
const UUID_BYTES = 16;
const HEX = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** A cursor over bytes. Strings, bytes, arrays and tags are read as its encoding says. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  position = 0;

  constructor(bytes: Uint8Array, encoding: Encoding) {
    this.bytes = bytes;
    this.encoding = encoding;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** Moves over `length` bytes; returns where they began. */
  skip(length: number): number {
    const from = this.position;
    if (length < 0 || length > this.bytes.length - from)
      throw new WireError(`${length} bytes are wanted at ${from}, ${this.bytes.length - from} are left`);
    this.position = from + length;
    return from;
  }

  int8(): number {
    return (this.bytes[this.skip(1)]! << 24) >> 24;
  }

  int16(): number {
    const at = this.skip(2);
    return ((this.bytes[at]! << 24) | (this.bytes[at + 1]! << 16)) >> 16;
  }

  int32(): number {
    const at = this.skip(4);
    return (this.bytes[at]! << 24) | (this.bytes[at + 1]! << 16) | (this.bytes[at + 2]! << 8) | this.bytes[at + 3]!;
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  /** Exact to 2^53; larger ones are rounded. */
  int64(): number {
    const high = this.int32();
    return high * HIGH + this.uint32();
  }

  float64(): number {
    const at = this.skip(8);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0);
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  /** At most 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.skip(1)]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new WireError(`a variable-length number before ${this.position} has more than 5 bytes`);
  }

  /** Zigzag, at most 32 bits. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** With hyphens, in lower case. */
  uuid(): string {
    const at = this.skip(UUID_BYTES);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, UUID_BYTES)
      .toString("hex")
      .replace(HEX, "$1-$2-$3-$4-$5");
  }

  string(): string {
    const value = this.nullableString();
    if (value === null) throw new WireError(`a null string before ${this.position}`);
    return value;
  }

  nullableString(): string | null {
    const length = this.encoding === "flexible" ? this.uvarint() - 1 : this.int16();
    return length < 0 ? null : text(this.#view(length));
  }

  /** A view. */
  nullableBytes(): Uint8Array | null {
    const length = this.encoding === "flexible" ? this.uvarint() - 1 : this.int32();
    return length < 0 ? null : this.#view(length);
  }

  /** A null array is an empty one. */
  array<T>(one: (from: Reader) => T): T[] {
    return this.nullableArray(one) ?? [];
  }

  /** How many elements follow; below zero for a null array. There are at least as many bytes left. */
  arrayLength(): number {
    const count = this.encoding === "flexible" ? this.uvarint() - 1 : this.int32();
    if (count > this.remaining)
      throw new WireError(`${count} elements are announced before ${this.position}, ${this.remaining} bytes are left`);
    return count;
  }

  nullableArray<T>(one: (from: Reader) => T): T[] | null {
    const count = this.arrayLength();
    if (count < 0) return null;
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(one(this));
    return items;
  }

  /** Reads the tagged fields; nothing in the classic encoding. `visit` is given a reader of each field's own bytes; unknown ones are passed over. */
  tags(visit?: (tag: number, field: Reader) => void): void {
    if (this.encoding === "classic") return;
    const count = this.uvarint();
    for (let index = 0; index < count; index++) {
      const tag = this.uvarint();
      const field = this.#view(this.uvarint());
      visit?.(tag, new Reader(field, this.encoding));
    }
  }

  #view(length: number): Uint8Array {
    const at = this.skip(length);
    return this.bytes.subarray(at, at + length);
  }
}
