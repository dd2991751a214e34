// HPACK's tables (RFC 7541 §2.3): the fields that both ends know by number, from the start or since they were sent.
import { type Field, type FieldKind, fieldBytes, kindOf } from "./hpack-field.ts";

/** The static table from 1 on (RFC 7541, appendix A). */
const NAMES_AND_VALUES =
  ":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|:status=206|" +
  ":status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|accept-language|accept-ranges|accept|" +
  "access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|content-length|" +
  "content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|" +
  "if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|" +
  "server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate";

export const STATIC_FIELDS: readonly Field[] = NAMES_AND_VALUES.split("|").map((text): Field => {
  const [name = "", value = ""] = text.split("=");
  return [name, value];
});
/** How many; the dynamic table begins behind. */
export const STATIC_COUNT = STATIC_FIELDS.length;
const STATIC_KINDS: readonly FieldKind[] = STATIC_FIELDS.map(kindOf);

/** What we let a peer keep here, and what we keep for a peer: SETTINGS_HEADER_TABLE_SIZE's default, which nobody has to be told. */
export const TABLE_BYTES_MAX = 4096;
/** Entries that fit at most: the smallest has 32 bytes. A power of two, so that a number finds its slot by a mask. */
const SLOTS = TABLE_BYTES_MAX / 32;
const SLOT = SLOTS - 1;

/** A dynamic table: a ring in which entries are numbered in the order they came; old ones leave when bytes are over the limit. */
export class DynamicTable {
  readonly #fields: (Field | undefined)[] = [];
  readonly #kinds: FieldKind[] = [];
  #oldest = 0;
  #next = 0;
  #bytes = 0;
  #bytesMax = TABLE_BYTES_MAX;

  /** Numbers of its entries: from `oldest` up to, without, `next`. */
  get oldest(): number {
    return this.#oldest;
  }
  get next(): number {
    return this.#next;
  }
  get bytesMax(): number {
    return this.#bytesMax;
  }

  /** At most TABLE_BYTES_MAX. */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
  }

  /** A field that is larger than the table empties it (RFC 7541 §4.4). */
  add(field: Field, kind: FieldKind): void {
    const bytes = fieldBytes(field);
    this.#evict(this.#bytesMax - bytes);
    if (bytes > this.#bytesMax) return;
    this.#fields[this.#next & SLOT] = field;
    this.#kinds[this.#next & SLOT] = kind;
    this.#next += 1;
    this.#bytes += bytes;
  }

  /** By index of the whole address space, from 1 on; undefined when there is none. */
  field(index: number): Field | undefined {
    if (index <= STATIC_COUNT) return STATIC_FIELDS[index - 1];
    const number = this.#next - (index - STATIC_COUNT);
    return number < this.#oldest ? undefined : this.#fields[number & SLOT];
  }

  /** Of an index that has a field. */
  kind(index: number): FieldKind {
    return index <= STATIC_COUNT ? STATIC_KINDS[index - 1]! : this.#kinds[(this.#next - (index - STATIC_COUNT)) & SLOT]!;
  }

  #evict(bytesMax: number): void {
    while (this.#bytes > bytesMax && this.#oldest < this.#next) {
      this.#bytes -= fieldBytes(this.#fields[this.#oldest & SLOT]!);
      this.#fields[this.#oldest & SLOT] = undefined;
      this.#oldest += 1;
    }
  }
}
