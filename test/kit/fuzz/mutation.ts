// Inputs for decoders: a valid one, damaged. By a seed, so that a finding can be had again.
import type { Dice } from "../differential/dice.ts";

export type Mutate = (dice: Dice, bytes: Buffer, others: readonly Buffer[]) => Buffer;

/** At least 0, below that. */
const below = (dice: Dice, limit: number): number => Math.floor(dice.next() * limit);

const BYTES_MAX = 4_096;
/** Bytes at which decoders tend to go wrong: ends of ranges, and of prefixes. */
const EDGES = [0x00, 0x01, 0x0f, 0x1f, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xbe, 0xc0, 0xfe, 0xff];

/** `cut` bytes at `at` are left out, and `put` put there. */
const splice = (bytes: Buffer, { at, cut = 0, put = Buffer.alloc(0) }: { at: number; cut?: number; put?: Buffer }): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);

const span = (dice: Dice, bytes: Buffer): { readonly at: number; readonly length: number } => {
  const at = below(dice, bytes.length + 1);
  return { at, length: below(dice, Math.min(16, bytes.length - at) + 1) };
};

const MUTATIONS: readonly Mutate[] = [
  (dice, bytes) => {
    const copy = Buffer.from(bytes);
    const at = below(dice, copy.length);
    if (copy.length > 0) copy.writeUInt8(copy.readUInt8(at) ^ (1 << below(dice, 8)), at);
    return copy;
  },
  (dice, bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[below(dice, copy.length)] = EDGES[below(dice, EDGES.length)]!;
    return copy;
  },
  (dice, bytes) => bytes.subarray(0, below(dice, bytes.length + 1)),
  (dice, bytes) => {
    const { at, length } = span(dice, bytes);
    return splice(bytes, { at, cut: length });
  },
  (dice, bytes) => {
    const { at, length } = span(dice, bytes);
    return splice(bytes, { at, put: bytes.subarray(at, at + length) });
  },
  (dice, bytes) => splice(bytes, { at: below(dice, bytes.length + 1), put: randomBytes(dice, 8) }),
  (dice, bytes, others) => {
    const other = others[below(dice, others.length)] ?? bytes;
    const { at, length } = span(dice, other);
    return splice(bytes, { at: below(dice, bytes.length + 1), cut: length, put: other.subarray(at, at + length) });
  },
];

export const randomBytes = (dice: Dice, most: number): Buffer => {
  const bytes = Buffer.allocUnsafe(below(dice, most + 1));
  for (let at = 0; at < bytes.length; at++) bytes[at] = below(dice, 256);
  return bytes;
};

/** One to four damages to one of the seeds; now and then, bytes that were never valid. */
export const damaged = (dice: Dice, seeds: readonly Buffer[]): Buffer => {
  if (below(dice, 16) === 0) return randomBytes(dice, 64);
  let bytes = seeds[below(dice, seeds.length)]!;
  for (let count = 1 + below(dice, 4); count > 0; count--) bytes = MUTATIONS[below(dice, MUTATIONS.length)]!(dice, bytes, seeds);
  return bytes.length > BYTES_MAX ? bytes.subarray(0, BYTES_MAX) : bytes;
};
