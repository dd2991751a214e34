import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import type { RecordBatch } from "../../../src/kafka/wire/decode-batch.ts";
import { withoutAborted } from "../../../src/kafka/wire/transactions.ts";
import { at, encoded, sound } from "./batches.ts";

const batchAt = (offset: number, producer: number | undefined, marker?: "commit" | "abort"): RecordBatch => {
  const options = producer === undefined ? {} : { producer: { id: producer, epoch: 0, sequence: 0 }, transactional: true as const };
  const [batch] = sound(at(offset, encoded([{ key: null, value: utf8(String(offset)), headers: [] }], options)));
  return marker ? { ...batch!, marker, records: [] } : batch!;
};

const visible = (batches: readonly RecordBatch[], aborted: Parameters<typeof withoutAborted>[1]): number[] =>
  withoutAborted(batches, aborted).flatMap((batch) => (batch.kind === "batch" ? batch.records.map(({ offset }) => offset) : []));

test("records of an aborted transaction are left out up to its marker, others stay", () => {
  const batches = [
    batchAt(0, undefined),
    batchAt(1, 7),
    batchAt(2, 8),
    batchAt(3, 7),
    batchAt(4, 7, "abort"),
    batchAt(5, 7),
    batchAt(6, 8, "commit"),
    batchAt(7, 7, "commit"),
  ];
  assert.deepEqual(visible(batches, [{ producerId: 7, firstOffset: 1 }]), [0, 2, 5]);
  assert.deepEqual(visible(batches, []), [0, 1, 2, 3, 5]);
});

test("a transaction that was aborted before and one after are told apart, in whatever order they are listed", () => {
  const batches = [batchAt(1, 7), batchAt(2, 7, "abort"), batchAt(3, 7), batchAt(4, 7, "abort"), batchAt(5, 7)];
  assert.deepEqual(
    visible(batches, [
      { producerId: 7, firstOffset: 3 },
      { producerId: 7, firstOffset: 0 },
    ]),
    [5],
  );
});

test("records of the same producer outside of transactions stay", () => {
  const plain = { ...batchAt(2, 7), transactional: false };
  assert.deepEqual(visible([batchAt(1, 7), plain], [{ producerId: 7, firstOffset: 1 }]), [2]);
});
