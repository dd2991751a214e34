// What a reader of committed records may see (KIP-98): the Fetch response names the aborted transactions, the batches carry the markers.
import type { CorruptBatch, RecordBatch } from "./decode-batch.ts";

/** A transaction of that producer that began at that offset and was aborted. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** The same batches; those of aborted transactions are without their records. `aborted` is the Fetch response's list. */
export const withoutAborted = (
  batches: readonly (RecordBatch | CorruptBatch)[],
  aborted: readonly AbortedTransaction[],
): readonly (RecordBatch | CorruptBatch)[] => {
  if (aborted.length === 0) return batches;
  const begins = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  let next = 0;
  return batches.map((batch) => {
    if (batch.kind === "corrupt") return batch;
    for (; next < begins.length && begins[next]!.firstOffset <= batch.lastOffset; next++) open.add(begins[next]!.producerId);
    if (batch.marker === "abort") open.delete(batch.producerId);
    return batch.transactional && open.has(batch.producerId) ? { ...batch, records: [] } : batch;
  });
};
