// What compaction makes of one batch: it stays as it is, stays in part, or goes. As in Apache Kafka, what is dropped at last – tombstones,
// markers – is first given a time (KIP-534), so that every reader had time to see it.
import { type BatchFacts, hasDeleteHorizon, isControl } from "./batch-facts.ts";
import { cleanBatch } from "./clean-batch.ts";
import type { CleanKeys } from "./clean-keys.ts";
import type { CleanTransactions } from "./clean-transactions.ts";
import { decodeMarker } from "./markers.ts";
import type { AbortedRange, ProducerEntry } from "./producers.ts";
import { RecordCursor } from "./record-cursor.ts";
import type { ScannedBatch } from "./scan.ts";
import { plainRecords } from "./validate.ts";

export interface FilterOf {
  readonly keys: CleanKeys;
  readonly transactions: CleanTransactions;
  readonly producers: ReadonlyMap<number, ProducerEntry>;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
}

/** `range` is for the index: the batch ends an aborted transaction of which something is left. */
export interface Filtered {
  readonly bytes: Uint8Array;
  readonly range?: AbortedRange;
}

/** Undefined when the batch goes. `bytes` may be those of the batch given. */
export const filtered = (of: FilterOf, batch: ScannedBatch): Filtered | undefined =>
  isControl(batch.facts) ? filteredMarker(of, batch) : filteredRecords(of, batch);

const filteredMarker = (of: FilterOf, { facts, bytes }: ScannedBatch): Filtered | undefined => {
  const marker = decodeMarker(bytes);
  if (!marker) return isNewest(of, facts) ? { bytes } : undefined;
  const { mayGo, range } = of.transactions.marker(marker, facts.lastOffset);
  if (!mayGo) return { bytes, ...(range ? { range } : {}) };
  if (isNewest(of, facts)) return { bytes };
  if (hasDeleteHorizon(facts)) return facts.firstTimestamp <= of.nowMs ? undefined : { bytes };
  const records = plainRecords(bytes, facts);
  return { bytes: cleanBatch({ batch: bytes, facts, records, keeps: () => true, horizonMs: of.nowMs + of.deleteRetentionMs }) };
};

const filteredRecords = (of: FilterOf, { facts, bytes }: ScannedBatch): Filtered | undefined => {
  if (of.transactions.isAborted(facts)) return emptied(of, facts, bytes);
  const records = plainRecords(bytes, facts);
  const keeps = keepsOf(of, facts);
  const { kept, tombstones } = counted(records, facts, keeps);
  if (kept === 0) return emptied(of, facts, bytes);
  const wantsHorizon = tombstones > 0 && !hasDeleteHorizon(facts);
  if (kept === facts.count && !wantsHorizon) return { bytes };
  const horizon = wantsHorizon ? { horizonMs: of.nowMs + of.deleteRetentionMs } : {};
  return { bytes: cleanBatch({ batch: bytes, facts, records, keeps, ...horizon }) };
};

const keepsOf = ({ keys, nowMs }: FilterOf, facts: BatchFacts): ((cursor: RecordCursor) => boolean) => {
  const dropsTombstones = hasDeleteHorizon(facts) && facts.firstTimestamp <= nowMs;
  return (cursor) => {
    const { key } = cursor;
    if (key === null || (cursor.valueLength < 0 && dropsTombstones)) return false;
    return !keys.isOutdated(key, facts.baseOffset + cursor.offsetDelta);
  };
};

const counted = (
  records: Uint8Array,
  { count }: BatchFacts,
  keeps: (cursor: RecordCursor) => boolean,
): { readonly kept: number; readonly tombstones: number } => {
  const cursor = new RecordCursor(records);
  let kept = 0;
  let tombstones = 0;
  for (let left = count; left > 0; left--) {
    cursor.next();
    if (!keeps(cursor)) continue;
    kept++;
    if (cursor.valueLength < 0) tombstones++;
  }
  return { kept, tombstones };
};

/** A producer's newest batch stays without its records, so that its sequence is known to whoever reads the log. */
const emptied = (of: FilterOf, facts: BatchFacts, bytes: Uint8Array): Filtered | undefined => {
  if (!isNewest(of, facts)) return undefined;
  if (facts.count === 0) return { bytes };
  return { bytes: cleanBatch({ batch: bytes, facts, records: plainRecords(bytes, facts), keeps: () => false }) };
};

const isNewest = ({ producers }: FilterOf, facts: BatchFacts): boolean => {
  const entry = producers.get(facts.producerId);
  const last = entry?.batches.at(-1);
  if (!entry) return false;
  return last ? last.lastOffset === facts.lastOffset : isControl(facts) && entry.epoch === facts.producerEpoch;
};
