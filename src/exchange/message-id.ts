// The message id of a fetch: for every partition where to go on from, in a protobuf field that is appended to each message and that the
// caller sends back to resume. Version 1 is the original's encoding.
import { EMPTY, fromBase64 } from "../core/bytes.ts";
import type { Position } from "../ports/kafka.ts";

/** Longer texts are no id: it has to fit in a request's header list. */
export const MESSAGE_ID_TEXT_MAX = 16 * 1024;

const VERSION = 1;
const EARLIEST = -2;
const LATEST = -1;
const LENGTH_DELIMITED = 2;
const PARTITION_MAX = 0x7fffffff;
const VARINT_BYTES_MAX = 10;

/** The tag of a length-delimited field, before its length. */
export const messageIdTag = (field: number): Uint8Array => {
  const tag = new Uint8Array(varintLength(field * 8 + LENGTH_DELIMITED));
  writeVarint(tag, 0, field * 8 + LENGTH_DELIMITED);
  return tag;
};

/** The next offset of each partition, by index; -2 where nothing was reached yet. */
export type Progress = readonly number[];

export const encodeMessageId = (progress: Progress): Uint8Array => {
  const id = new Uint8Array(idLength(progress));
  writeId(id, 0, progress);
  return id;
};

/** The value with the id as its last field. A null value counts as an empty one. */
export const appendMessageId = (value: Uint8Array | null, tag: Uint8Array, progress: Progress): Uint8Array => {
  const { length } = value ?? EMPTY;
  const idBytes = idLength(progress);
  const whole = new Uint8Array(length + tag.length + varintLength(idBytes) + idBytes);
  if (value !== null) whole.set(value);
  whole.set(tag, length);
  writeId(whole, writeVarint(whole, length + tag.length, idBytes), progress);
  return whole;
};

/**
 * Where to resume, from the id as a caller sends it: base64 of either alphabet, padded or not. Partition -1 stands for all that are not
 * named. Undefined when it is malformed; what follows the last partition is ignored.
 */
export const decodeMessageId = (text: string): Position | undefined => {
  const bytes = text.length > MESSAGE_ID_TEXT_MAX ? undefined : fromBase64(text);
  if (bytes === undefined || bytes.length === 0 || bytes[0] !== VERSION) return undefined;
  return readPartitions(new Varints(bytes, 1));
};

const readPartitions = (varints: Varints): Position | undefined => {
  const count = varints.read();
  if (count === undefined || count < 0) return undefined;
  const position = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const partition = varints.read();
    const offset = varints.read();
    if (partition === undefined || partition < LATEST || partition > PARTITION_MAX) return undefined;
    if (offset === undefined || offset < EARLIEST) return undefined;
    position.set(partition, offset);
  }
  return position;
};

/** Zigzag varints of at most 64 bits; what does not fit a number exactly is malformed. */
class Varints {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }
  read(): number | undefined {
    let value = 0;
    let unit = 1;
    const negative = ((this.#bytes[this.#at] ?? 0) & 1) === 1; // Taken here: a large value loses its last bit.
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * unit;
      unit *= 0x80;
      if (byte < 0x80) return value > 2 * Number.MAX_SAFE_INTEGER ? undefined : negative ? -(value + 1) / 2 : value / 2;
    }
    return undefined;
  }
}

const zigzag = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);
/** A position is emitted as a real one: "only new records" would lose what is written while the caller is away. */
const resumable = (offset: number): number => (offset < 0 ? EARLIEST : offset);

const varintLength = (value: number): number => {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
};

const writeVarint = (to: Uint8Array, at: number, value: number): number => {
  let rest = value;
  let next = at;
  while (rest >= 0x80) {
    to[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  to[next++] = rest;
  return next;
};

const idLength = (progress: Progress): number => {
  let length = 1 + varintLength(zigzag(progress.length));
  for (let i = 0; i < progress.length; i++) length += varintLength(zigzag(i)) + varintLength(zigzag(resumable(progress[i]!)));
  return length;
};

const writeId = (to: Uint8Array, at: number, progress: Progress): void => {
  to[at] = VERSION;
  let next = writeVarint(to, at + 1, zigzag(progress.length));
  for (let i = 0; i < progress.length; i++) {
    next = writeVarint(to, next, zigzag(i));
    next = writeVarint(to, next, zigzag(resumable(progress[i]!)));
  }
};
