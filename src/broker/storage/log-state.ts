// What is durable in a log: its segments, where it begins and ends, its producers and their transactions. Commits and recovery add batches
// to it in the same way, so both come to the same state.
import { type BatchFacts, isControl, isTransactional } from "./batch-facts.ts";
import { decodeMarker } from "./markers.ts";
import { type AbortedRange, afterBatch, afterMarker, type ProducerEntry } from "./producers.ts";
import type { Segment } from "./segment.ts";

/** What is kept of a log beside its segments. */
export interface LogMarks {
  /** What comes before was deleted, though a segment may still have it. */
  readonly startOffset: number;
  /** Compaction has cleaned everything before. */
  readonly cleanedOffset: number;
}

export class LogState {
  /** In order of their offsets; there is always one. The last one grows. */
  #segments: readonly Segment[];
  startOffset: number;
  cleanedOffset: number;
  /** After the last durable batch. */
  endOffset: number;
  readonly producers = new Map<number, ProducerEntry>();
  /** Producer id → where its open transaction begins, in order of the beginnings. */
  readonly #ongoing = new Map<number, number>();

  constructor(segments: readonly Segment[], marks: LogMarks) {
    this.#segments = segments;
    this.startOffset = marks.startOffset;
    this.cleanedOffset = marks.cleanedOffset;
    this.endOffset = this.active.nextOffset;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  get active(): Segment {
    return this.#segments.at(-1)!;
  }

  get marks(): LogMarks {
    return { startOffset: this.startOffset, cleanedOffset: this.cleanedOffset };
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** Where the first transaction that is still open begins, or the end. */
  get lastStableOffset(): number {
    for (const first of this.#ongoing.values()) return Math.max(first, this.startOffset);
    return this.endOffset;
  }

  /** As they were after the last batch there is, instead of those known. */
  restore(producers: Iterable<ProducerEntry>): void {
    this.producers.clear();
    this.#ongoing.clear();
    const open: ProducerEntry[] = [];
    for (const entry of producers) {
      this.producers.set(entry.producerId, entry);
      if (entry.transactionStart !== undefined) open.push(entry);
    }
    for (const { producerId, transactionStart = 0 } of open.sort((a, b) => (a.transactionStart ?? 0) - (b.transactionStart ?? 0)))
      this.#ongoing.set(producerId, transactionStart);
  }

  /** A batch stands at the end of a segment, durably. */
  add(segment: Segment, facts: BatchFacts, bytes: Uint8Array): void {
    segment.add(facts);
    this.endOffset = facts.lastOffset + 1;
    if (facts.producerId < 0) return;
    if (isControl(facts)) this.#ended(segment, facts, bytes);
    else this.#produced(facts);
  }

  #produced(facts: BatchFacts): void {
    const { producerId } = facts;
    this.producers.set(producerId, afterBatch(this.producers.get(producerId), facts));
    if (isTransactional(facts) && !this.#ongoing.has(producerId)) this.#ongoing.set(producerId, facts.baseOffset);
  }

  #ended(segment: Segment, facts: BatchFacts, bytes: Uint8Array): void {
    const marker = decodeMarker(bytes);
    if (!marker) return;
    const { producerId } = marker;
    const firstOffset = this.#ongoing.get(producerId);
    this.#ongoing.delete(producerId);
    this.producers.set(producerId, afterMarker(this.producers.get(producerId), marker));
    if (firstOffset === undefined || marker.outcome === "commit") return;
    segment.aborted.push({ producerId, firstOffset, lastOffset: facts.lastOffset, lastStableOffset: this.lastStableOffset });
  }

  /** The last segment that begins at the offset or before; the first one for what comes before all. */
  segmentAt(offset: number): Segment {
    return this.#segments[this.#indexAt(offset)]!;
  }

  /** The one after a segment; undefined after the last. */
  segmentAfter(segment: Segment): Segment | undefined {
    return this.#segments.find(({ baseOffset }) => baseOffset > segment.baseOffset);
  }

  /** A new one at the end. */
  roll(segment: Segment): void {
    this.#segments = [...this.#segments, segment];
  }

  /** Others for these, at their place. */
  replace(old: readonly Segment[], by: readonly Segment[]): void {
    const at = this.#segments.indexOf(old[0]!);
    const gone = new Set(old);
    this.#segments = [...this.#segments.slice(0, at), ...by, ...this.#segments.slice(at).filter((segment) => !gone.has(segment))];
  }

  /** The aborted transactions that concern a reader of these offsets, `to` not included. */
  abortedIn(from: number, to: number): AbortedRange[] {
    const found: AbortedRange[] = [];
    for (let at = this.#indexAt(from); at < this.#segments.length; at++)
      for (const range of this.#segments[at]!.aborted) {
        if (range.lastOffset >= from && range.firstOffset < to) found.push(range);
        if (range.lastStableOffset >= to) return found;
      }
    return found;
  }

  #indexAt(offset: number): number {
    let low = 1;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
