// Reads a segment batch by batch and believes nothing: head, checksum and the order of offsets are checked, and the first damage ends it.

import { RECORDS_AT } from "../../kafka/wire/record-batch.ts";
import { type BatchFacts, bytesAt, factsAt, headFault, isSealed, view as viewOf } from "./batch-facts.ts";
import { DiskError } from "./disk.ts";
import { BATCH_BYTES_MAX, SCAN_BYTES } from "./limits.ts";
import type { Segment } from "./segment.ts";

/** `bytes` are overwritten when the next batch is asked for. */
export interface ScannedBatch {
  readonly position: number;
  readonly facts: BatchFacts;
  readonly bytes: Uint8Array;
}

/** Bytes that are no sound batch, where one is wanted. */
export class DamageError extends Error {
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.name = "DamageError";
    this.position = position;
  }
}

/** What a batch must be, by where it stands. */
export interface Expected {
  /** The offset after the batch before. */
  readonly nextOffset: number;
  /** `exact`: the batch begins there; `later`: there or later, since compaction took some out. */
  readonly order: "exact" | "later";
}

export interface ScanRange extends Expected {
  readonly from: number;
  readonly to: number;
}

export interface Readable {
  read(into: Uint8Array, position: number): Promise<number>;
}

/** All batches of a range of a file, which begins and ends with one. Throws a DamageError at the first that is not sound. */
export async function* scan(file: Readable, range: ScanRange): AsyncGenerator<ScannedBatch, void, void> {
  let buffer = new Uint8Array(Math.min(SCAN_BYTES, range.to - range.from));
  let position = range.from;
  let { nextOffset } = range;
  while (position < range.to) {
    const wanted = Math.min(buffer.length, range.to - position);
    const window = buffer.subarray(0, await file.read(buffer.subarray(0, wanted), position));
    if (window.length < wanted) throw new DiskError("EIO", `the file ends at ${position + window.length}, ${position + wanted} was wanted`);
    const view = viewOf(window);
    let at = 0;
    for (let bytes = wholeAt(view, at, position); bytes > 0; bytes = wholeAt(view, at, position)) {
      const batch = window.subarray(at, at + bytes);
      const facts = factsAt(view, at);
      checkOrder({ baseOffset: facts.baseOffset, nextOffset, order: range.order }, position + at);
      if (!isSealed(batch)) throw new DamageError(position + at, "the checksum is wrong");
      yield { position: position + at, facts, bytes: batch };
      nextOffset = facts.lastOffset + 1;
      at += bytes;
    }
    position += at;
    const left = range.to - position;
    if (at > 0 || left === 0) continue;
    const needed = neededAt(view, position);
    if (needed > left) throw new DamageError(position, `a batch of ${needed} bytes, ${left} are left`);
    buffer = new Uint8Array(needed);
  }
}

/** The size of the batch at `at` if all of it is there; 0 if not. */
const wholeAt = (from: DataView, at: number, position: number): number => {
  const left = from.byteLength - at;
  if (left < RECORDS_AT) return 0;
  const fault = headFault(from, at);
  if (fault !== undefined) throw new DamageError(position + at, fault);
  const bytes = bytesAt(from, at);
  return bytes <= left ? bytes : 0;
};

const neededAt = (from: DataView, position: number): number => {
  if (from.byteLength < RECORDS_AT) return RECORDS_AT;
  const bytes = bytesAt(from, 0);
  if (bytes > BATCH_BYTES_MAX + RECORDS_AT) throw new DamageError(position, `a batch of ${bytes} bytes`);
  return bytes;
};

/** Batches follow each other without a gap unless compaction took some out. */
export const orderIn = ({ cleaned }: Segment): Expected["order"] => (cleaned ? "later" : "exact");

/** Throws a DamageError when a batch does not belong where it stands. */
export const checkOrder = ({ baseOffset, nextOffset, order }: Expected & { readonly baseOffset: number }, position: number): void => {
  const inOrder = order === "exact" ? baseOffset === nextOffset : baseOffset >= nextOffset;
  if (!inOrder) throw new DamageError(position, `offset ${baseOffset} where ${nextOffset} is next`);
};
