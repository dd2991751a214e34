// Which batches of what was read nobody is to see: markers of transactions, and for readers of committed records what was aborted.
import { type BatchFacts, isControl, isTransactional } from "../storage/batch-facts.ts";
import type { AbortedRange } from "../storage/producers.ts";

/** `aborted` is empty for whoever reads everything. */
export const isHidden = (batch: BatchFacts, aborted: readonly AbortedRange[]): boolean => isControl(batch) || isAborted(batch, aborted);

const isAborted = (batch: BatchFacts, aborted: readonly AbortedRange[]): boolean =>
  isTransactional(batch) &&
  aborted.some(
    ({ producerId, firstOffset, lastOffset }) =>
      producerId === batch.producerId && firstOffset <= batch.baseOffset && batch.lastOffset <= lastOffset,
  );
