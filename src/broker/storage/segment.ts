// One file of batches, and what is known of it without reading it.
import { type BatchFacts, isControl } from "./batch-facts.ts";
import type { AbortedRange } from "./producers.ts";
import { SparseIndex } from "./sparse-index.ts";

const OFFSET_DIGITS = 20;
/** As the offsets within a segment are told in 32 bits elsewhere, and by Apache Kafka's own files. */
export const SEGMENT_OFFSETS_MAX = 0x7fffffff;

/** `00000000000000001234`. */
export const offsetName = (offset: number): string => String(offset).padStart(OFFSET_DIGITS, "0");

/** What can be told of a segment up to some size of its file. */
export interface SegmentSummary {
  /** Bytes of the file that this is about. */
  readonly size: number;
  /** After the last batch. */
  readonly nextOffset: number;
  /** Of the first batch; absent when there is none. */
  readonly firstTimestamp?: number;
  /** -1 when no record has one. */
  readonly maxTimestamp: number;
  /** When it was begun. */
  readonly createdMs: number;
  /** Compaction has been here: offsets may be missing, and every batch stands in the index. */
  readonly cleaned: boolean;
  readonly aborted: readonly AbortedRange[];
}

export class Segment {
  readonly baseOffset: number;
  readonly folder: string;
  readonly createdMs: number;
  readonly cleaned: boolean;
  /** Durable bytes of the file. */
  size = 0;
  nextOffset: number;
  firstTimestamp: number | undefined;
  maxTimestamp = -1;
  /** Ended in this segment, in order of their markers. */
  readonly aborted: AbortedRange[] = [];
  /** Undefined while it is not needed: then it is in the index file. */
  index: SparseIndex | undefined;
  /** It grows no more, and its index file says all of it. */
  sealed = false;
  /** Its file is another's by now, or gone. */
  retired = false;

  constructor(of: { readonly folder: string; readonly baseOffset: number; readonly createdMs: number; readonly cleaned?: boolean }) {
    this.folder = of.folder;
    this.baseOffset = of.baseOffset;
    this.nextOffset = of.baseOffset;
    this.createdMs = of.createdMs;
    this.cleaned = of.cleaned ?? false;
    this.index = new SparseIndex();
  }

  /** As it was when the summary was made. */
  static of(folder: string, baseOffset: number, summary: SegmentSummary): Segment {
    const { createdMs, cleaned } = summary;
    const segment = new Segment({ folder, baseOffset, createdMs, cleaned });
    segment.size = summary.size;
    segment.nextOffset = summary.nextOffset;
    segment.firstTimestamp = summary.firstTimestamp;
    segment.maxTimestamp = summary.maxTimestamp;
    segment.aborted.push(...summary.aborted);
    segment.index = undefined;
    return segment;
  }

  get path(): string {
    return `${this.folder}/${offsetName(this.baseOffset)}.log`;
  }

  get indexPath(): string {
    return `${this.folder}/${offsetName(this.baseOffset)}.index`;
  }

  summary(): SegmentSummary {
    const { size, nextOffset, firstTimestamp, maxTimestamp, createdMs, cleaned, aborted } = this;
    return { size, nextOffset, ...(firstTimestamp === undefined ? {} : { firstTimestamp }), maxTimestamp, createdMs, cleaned, aborted };
  }

  /** A batch stands at the end of the file, durably. */
  add(facts: BatchFacts): void {
    const entry = { offset: facts.baseOffset, position: this.size };
    if (this.cleaned) this.index?.add(entry, this.maxTimestamp);
    else this.index?.note(entry, this.maxTimestamp);
    if (this.firstTimestamp === undefined && !isControl(facts)) this.firstTimestamp = facts.maxTimestamp;
    this.maxTimestamp = Math.max(this.maxTimestamp, facts.maxTimestamp);
    this.size += facts.bytes;
    this.nextOffset = facts.lastOffset + 1;
  }

  /** Damage up to a position was passed over: what follows is found by the index. */
  skipTo(position: number, nextOffset: number): void {
    this.index?.add({ offset: nextOffset, position }, this.maxTimestamp);
    this.size = position;
    this.nextOffset = nextOffset;
  }
}
