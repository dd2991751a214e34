// HPACK, inwards (RFC 7541 §3, §6): a header block to fields. What a list may hold is counted by whoever takes the fields, while they
// come: a block of a kilobyte can stand for a list of megabytes.
import { type Field, type FieldKind, kindOf } from "./hpack-field.ts";
import { DynamicTable, TABLE_BYTES_MAX } from "./hpack-table.ts";
import { decodeHuffman } from "./huffman.ts";

/** Where a header block lies. */
export interface Block {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Takes the fields of a block in their order. */
export interface FieldSink {
  field(field: Field, kind: FieldKind): void;
}

/** The block makes no sense: both tables are different from now on, so the connection must end with COMPRESSION_ERROR. */
export class HpackError extends Error {}

/** Bytes of an integer behind its prefix: values up to 2^28, which is more than any string or index here. */
const INTEGER_BYTES_MAX = 4;
/** Changes of the table's size in one block (RFC 7541 §4.2: the smallest and the last). */
const RESIZES_MAX = 2;

const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const RESIZE = 0x20;

/** One direction of a connection. After it has thrown it is of no more use. */
export class HpackDecoder {
  readonly #table = new DynamicTable();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #to = 0;

  decode({ bytes, from, to }: Block, sink: FieldSink): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    this.#resizes();
    while (this.#at < to) {
      const first = bytes[this.#at]!;
      if ((first & INDEXED) !== 0) this.#indexed(sink);
      else if ((first & WITH_INDEXING) !== 0) this.#literal(sink, 6);
      else if ((first & RESIZE) !== 0) throw new HpackError("the table's size changes inside of a block");
      else this.#literal(sink, 4);
    }
  }

  #indexed(sink: FieldSink): void {
    const index = this.#integer(7);
    sink.field(this.#known(index), this.#table.kind(index));
  }

  /** With a prefix of 6 bits the field joins the table. */
  #literal(sink: FieldSink, prefixBits: 4 | 6): void {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#known(index)[0];
    const field: Field = [name, this.#string()];
    const kind = kindOf(field);
    if (prefixBits === 6) this.#table.add(field, kind);
    sink.field(field, kind);
  }

  #known(index: number): Field {
    const field = index === 0 ? undefined : this.#table.field(index);
    if (field === undefined) throw new HpackError(`there is no field ${index}`);
    return field;
  }

  #resizes(): void {
    for (let count = 1; this.#at < this.#to && (this.#bytes[this.#at]! & 0xe0) === RESIZE; count++) {
      const bytesMax = this.#integer(5);
      if (bytesMax > TABLE_BYTES_MAX) throw new HpackError(`a table of ${bytesMax} bytes is larger than ${TABLE_BYTES_MAX}`);
      if (count > RESIZES_MAX) throw new HpackError("the table's size changes more than twice");
      this.#table.resize(bytesMax);
    }
  }

  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#bytes[this.#at++]! & mask;
    if (value < mask) return value;
    for (let count = 0; count < INTEGER_BYTES_MAX; count++) {
      if (this.#at >= this.#to) throw new HpackError("the block ends inside of an integer");
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return value;
    }
    throw new HpackError("an integer is too long");
  }

  #string(): string {
    if (this.#at >= this.#to) throw new HpackError("the block ends before a string");
    const coded = this.#bytes[this.#at]! >= 0x80;
    const length = this.#integer(7);
    const from = this.#at;
    const to = from + length;
    if (to > this.#to) throw new HpackError("the block ends inside of a string");
    this.#at = to;
    if (!coded) return this.#bytes.toString("latin1", from, to);
    const text = decodeHuffman(this.#bytes, from, to);
    if (text === undefined) throw new HpackError("a string is not Huffman-coded");
    return text;
  }
}
