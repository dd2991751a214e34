// Which offsets of what was read nobody is to see: markers of transactions, and for readers of committed records what was aborted.
import { type BatchFacts, isControl, isTransactional } from "../storage/batch-facts.ts";
import type { AbortedRange } from "../storage/producers.ts";
import type { Span } from "./runs.ts";

/** `aborted` is empty for whoever reads everything. */
export const hiddenIn = (batches: readonly BatchFacts[], aborted: readonly AbortedRange[]): readonly Span[] =>
  batches
    .filter((batch) => isControl(batch) || isAborted(batch, aborted))
    .map(({ baseOffset, lastOffset }) => ({ first: baseOffset, last: lastOffset }));

const isAborted = (batch: BatchFacts, aborted: readonly AbortedRange[]): boolean =>
  isTransactional(batch) &&
  aborted.some(
    ({ producerId, firstOffset, lastOffset }) =>
      producerId === batch.producerId && firstOffset <= batch.baseOffset && batch.lastOffset <= lastOffset,
  );
