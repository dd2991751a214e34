// HPACK, outwards. A field that comes with the same value again is put into the peer's table and is an index from then on; values that
// differ from call to call never enter it, so what is worth keeping is not driven out.
import { fail, type StatusError } from "../core/status.ts";
import { type Field, FieldKind, isSendable, isValue } from "./hpack-field.ts";
import { DynamicTable, STATIC_COUNT, STATIC_FIELDS, TABLE_BYTES_MAX } from "./hpack-table.ts";
import { encodeHuffman, huffmanLength } from "./huffman.ts";

/** Names that are remembered; when there are more, all are forgotten and learnt anew. */
const NAMES_MAX = 256;
/** Longer values are not worth their place in the table. */
const VALUE_LENGTH_MAX = 512;
/** An entry's index byte and its string lengths: what a field may take on the wire beside its characters. */
export const FIELD_OVERHEAD_BYTES = 12;

/** Kept out of every table, also of proxies behind (RFC 7541 §7.1.3). */
const SECRET: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);

const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const NEVER_INDEXED = 0x10;
const RESIZE = 0x20;
const NOWHERE = -1;

/** What is known of a name. */
interface Known {
  /** In lower case. */
  readonly name: string;
  /** Index in the static table, 0 where there is none. */
  readonly index: number;
  /** Static indices by value. */
  readonly values: ReadonlyMap<string, number> | undefined;
  readonly secret: boolean;
  /** The value that was sent last, and its number in the dynamic table once it is there. */
  value: string | undefined;
  number: number;
}

const STATIC_NAMES: ReadonlyMap<string, { readonly index: number; readonly values: Map<string, number> }> = (() => {
  const names = new Map<string, { readonly index: number; readonly values: Map<string, number> }>();
  for (const [at, [name, value]] of STATIC_FIELDS.entries()) {
    const known = names.get(name) ?? { index: at + 1, values: new Map<string, number>() };
    names.set(name, known);
    if (value !== "") known.values.set(value, at + 1);
  }
  return names;
})();

/** One direction of a connection. Fields go into a buffer of the caller's, which has room for their characters and FIELD_OVERHEAD_BYTES each. */
export class HpackEncoder {
  readonly #table = new DynamicTable();
  readonly #names = new Map<string, Known>();
  /** The smallest size since the last block, when the peer has changed it. */
  #resized = NOWHERE;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  resize(bytesMax: number): void {
    const used = Math.min(bytesMax, TABLE_BYTES_MAX);
    if (used === this.#table.bytesMax) return;
    this.#resized = this.#resized === NOWHERE ? used : Math.min(this.#resized, used);
    this.#table.resize(used);
  }

  /** Room for what `begin` writes. */
  static readonly BEGIN_BYTES = 8;

  /** A block begins at this place. */
  begin(bytes: Buffer, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
    if (this.#resized === NOWHERE) return;
    if (this.#resized < this.#table.bytesMax) this.#integer(RESIZE, 5, this.#resized);
    this.#integer(RESIZE, 5, this.#table.bytesMax);
    this.#resized = NOWHERE;
  }

  /** Where the block ends. */
  get end(): number {
    return this.#at;
  }

  /** Throws INTERNAL when HTTP/2 cannot carry the field; the block is not to be sent then. */
  field(name: string, value: string): void {
    const known = this.#names.get(name) ?? this.#learn(name);
    if (known.value === value) {
      if (known.number >= this.#table.oldest) this.#integer(INDEXED, 7, STATIC_COUNT + this.#table.next - known.number);
      else this.#again(known, value);
      return;
    }
    const index = known.values?.get(value);
    if (index !== undefined) {
      this.#bytes[this.#at++] = INDEXED | index;
      return;
    }
    if (!isValue(value)) {
      this.#stripped(known, value);
      return;
    }
    if (!known.secret && value.length <= VALUE_LENGTH_MAX) {
      known.value = value;
      known.number = NOWHERE;
    }
    this.#literal(known.secret ? NEVER_INDEXED : 0, known, value);
  }

  #learn(name: string): Known {
    const lower = name.toLowerCase();
    if (!isSendable(lower)) throw this.#unsendable(`the header ${JSON.stringify(name)} is none that HTTP/2 can carry`);
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    const found = STATIC_NAMES.get(lower);
    const known: Known = {
      name: lower,
      index: found?.index ?? 0,
      values: found !== undefined && found.values.size > 0 ? found.values : undefined,
      secret: SECRET.has(lower),
      value: undefined,
      number: NOWHERE,
    };
    this.#names.set(name, known);
    return known;
  }

  /** White space at its ends belongs to no value (RFC 9110 §5.5), and is left out; what else is wrong with it cannot be helped. */
  #stripped(known: Known, value: string): void {
    const stripped = value.replace(/^[ \t]+|[ \t]+$/g, "");
    if (!isValue(stripped)) throw this.#unsendable(`the value of the header '${known.name}' has characters that HTTP/2 does not allow`);
    this.#literal(known.secret ? NEVER_INDEXED : 0, known, stripped);
  }

  /** Fields of this block may have joined our table, and the peer will not hear of them: the next block empties both. */
  #unsendable(why: string): StatusError {
    const { bytesMax } = this.#table;
    this.#table.resize(0);
    this.#table.resize(bytesMax);
    this.#resized = 0;
    return fail("INTERNAL", why);
  }

  /** The same value for the second time: it is worth an entry. */
  #again(known: Known, value: string): void {
    const field: Field = [known.name, value];
    const { next } = this.#table;
    this.#literal(WITH_INDEXING, known, value);
    this.#table.add(field, FieldKind.REGULAR);
    if (this.#table.next > next) known.number = next;
  }

  #literal(pattern: number, known: Known, value: string): void {
    this.#integer(pattern, pattern === WITH_INDEXING ? 6 : 4, known.index);
    if (known.index === 0) this.#string(pattern, known.name);
    this.#string(pattern, value);
  }

  /** What joins the table is Huffman-coded, once; for what is sent only now, that would cost more than its bytes. */
  #string(pattern: number, text: string): void {
    if (pattern === WITH_INDEXING) {
      const length = huffmanLength(text);
      if (length < text.length) {
        this.#integer(0x80, 7, length);
        this.#at = encodeHuffman(text, this.#bytes, this.#at);
        return;
      }
    }
    this.#integer(0, 7, text.length);
    this.#at += this.#bytes.write(text, this.#at, "latin1");
  }

  #integer(pattern: number, prefixBits: number, value: number): void {
    const mask = (1 << prefixBits) - 1;
    if (value < mask) {
      this.#bytes[this.#at++] = pattern | value;
      return;
    }
    this.#bytes[this.#at++] = pattern | mask;
    let rest = value - mask;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }
}
