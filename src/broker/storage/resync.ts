// Finds the next sound batch in a file behind damage: nothing tells where it begins, so every byte is tried.
import { LENGTH_BEGINS_AT, MAGIC, MAGIC_AT, RECORDS_AT } from "../../kafka/wire/record-batch.ts";
import { type BatchFacts, factsAt, headFault, isSealed, view } from "./batch-facts.ts";
import { SCAN_BYTES } from "./limits.ts";
import type { Readable } from "./scan.ts";

export interface SearchRange {
  readonly from: number;
  readonly to: number;
  /** No batch of a later place has a smaller offset. */
  readonly nextOffset: number;
}

/** How far offsets may leap over what was lost: a larger leap is chance. */
const LEAP_MAX = 0x7fffffff;

/** Undefined when there is none. */
export const findBatch = async (
  file: Readable,
  { from, to, nextOffset }: SearchRange,
): Promise<{ readonly position: number; readonly facts: BatchFacts } | undefined> => {
  const window = new Uint8Array(Math.max(0, Math.min(SCAN_BYTES, to - from)));
  for (let position = from; position + RECORDS_AT <= to; position += window.length - RECORDS_AT + 1) {
    const bytes = window.subarray(0, await file.read(window.subarray(0, Math.min(window.length, to - position)), position));
    for (let at = 0; at + RECORDS_AT <= bytes.length; at++) {
      if (bytes[at + MAGIC_AT] !== MAGIC || headFault(view(bytes), at) !== undefined) continue;
      const facts = factsAt(view(bytes), at);
      if (facts.baseOffset < nextOffset || facts.baseOffset > nextOffset + LEAP_MAX || facts.bytes > to - position - at) continue;
      if (await isSound(file, facts, position + at)) return { position: position + at, facts };
    }
    if (bytes.length < window.length) return undefined;
  }
  return undefined;
};

const isSound = async (file: Readable, facts: BatchFacts, position: number): Promise<boolean> => {
  if (facts.bytes < LENGTH_BEGINS_AT) return false;
  const batch = new Uint8Array(facts.bytes);
  return (await file.read(batch, position)) === batch.length && isSealed(batch);
};
