// Writes Kafka's primitive types into pieces that are sent one after the other. Small things are copied together; large byte arrays
// become pieces of their own, so that nobody copies a payload here.
import { buffer, utf8 } from "../../core/bytes.ts";
import type { Encoding } from "./reader.ts";
import { putUvarint } from "./varint.ts";

const HIGH = 0x100000000;
const FIRST_BYTES = 256;
/** From this size on, bytes become a piece of their own: below it, copying is cheaper than one more piece. */
export const PIECE_BYTES_MIN = 4_096;

/** Strings, bytes, arrays and tags are written as its encoding says. */
export class Writer {
  readonly encoding: Encoding;
  readonly #pieces: Uint8Array[] = [];
  #open = new Uint8Array(FIRST_BYTES);
  #at = 0;
  #length = 0;

  constructor(encoding: Encoding) {
    this.encoding = encoding;
  }

  /** All that was written. Nothing is written afterwards. */
  pieces(): readonly Uint8Array[] {
    this.#close();
    return this.#pieces;
  }

  get length(): number {
    return this.#length + this.#at;
  }

  int8(value: number): this {
    this.#room(1);
    this.#open[this.#at++] = value;
    return this;
  }

  int16(value: number): this {
    this.#room(2);
    this.#open[this.#at++] = value >> 8;
    this.#open[this.#at++] = value;
    return this;
  }

  int32(value: number): this {
    this.#room(4);
    this.#open[this.#at++] = value >> 24;
    this.#open[this.#at++] = value >> 16;
    this.#open[this.#at++] = value >> 8;
    this.#open[this.#at++] = value;
    return this;
  }

  /** An exact number. */
  int64(value: number): this {
    const high = Math.floor(value / HIGH);
    return this.int32(high | 0).int32((value - high * HIGH) | 0);
  }

  float64(value: number): this {
    this.#room(8);
    new DataView(this.#open.buffer, this.#open.byteOffset).setFloat64(this.#at, value);
    this.#at += 8;
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  uvarint(value: number): this {
    this.#room(5);
    this.#at = putUvarint(this.#open, this.#at, value);
    return this;
  }

  /** With or without hyphens. */
  uuid(value: string): this {
    const bytes = Buffer.from(value.replaceAll("-", ""), "hex");
    if (bytes.length !== 16) throw new RangeError(`'${value}' is not a topic id`);
    return this.raw(bytes);
  }

  string(value: string): this {
    return this.nullableString(value);
  }

  nullableString(value: string | null): this {
    const bytes = value === null ? null : utf8(value);
    if (this.encoding === "flexible") this.uvarint(bytes === null ? 0 : bytes.length + 1);
    else this.int16(bytes === null ? -1 : bytes.length);
    return bytes === null ? this : this.raw(bytes);
  }

  /** The length of bytes that follow. */
  bytesLength(length: number): this {
    return this.encoding === "flexible" ? this.uvarint(length + 1) : this.int32(length);
  }

  array<T>(items: readonly T[], one: (item: T, to: this) => void): this {
    if (this.encoding === "flexible") this.uvarint(items.length + 1);
    else this.int32(items.length);
    for (const item of items) one(item, this);
    return this;
  }

  /** No tagged fields; nothing in the classic encoding. */
  noTags(): this {
    return this.encoding === "flexible" ? this.uvarint(0) : this;
  }

  /** Bytes as they are, without a length. Large ones are not copied: they stay unchanged until the pieces are sent. */
  raw(bytes: Uint8Array): this {
    if (bytes.length >= PIECE_BYTES_MIN) {
      this.#close();
      this.#pieces.push(bytes);
      this.#length += bytes.length;
      return this;
    }
    this.#room(bytes.length);
    this.#open.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#open.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#open.length * 2));
    larger.set(this.#open.subarray(0, this.#at));
    this.#open = larger;
  }

  #close(): void {
    if (this.#at === 0) return;
    this.#pieces.push(buffer(this.#open.subarray(0, this.#at)));
    this.#length += this.#at;
    this.#open = this.#open.subarray(this.#at);
    this.#at = 0;
    if (this.#open.length < 16) this.#open = new Uint8Array(FIRST_BYTES);
  }
}
