import assert from "node:assert/strict";
import { test } from "node:test";
import { Chunk } from "../../../src/kafka/log/chunk.ts";
import { SHARED_RECORD_BYTES } from "../../../src/kafka/log/limits.ts";
import { SharedRecords } from "../../../src/kafka/log/shared-records.ts";
import { recordOf, stored } from "./history.ts";

const chunkOf = (...values: readonly string[]): Chunk => {
  const records = stored(
    0,
    0,
    values.map((value) => recordOf(value)),
  );
  return new Chunk(0, records, { partition: 0, before: [0], next: values.length });
};
const textsOf = (records: Chunk["shared"]): string[] => (records ?? []).map(({ value }) => Buffer.from(value ?? []).toString());

test("who reads all of a chunk shares its records with whoever comes later", () => {
  const shared = new SharedRecords();
  const chunk = chunkOf("a", "b");
  const all = shared.all(chunk);
  assert.deepEqual(textsOf(all), ["a", "b"]);
  assert.equal(shared.all(chunk), all);
  assert.equal(shared.one(chunk, 1), all[1]);
});

test("records that are asked for once each are not kept, and from then on they are", () => {
  const shared = new SharedRecords();
  const chunk = chunkOf("a", "b");
  const first = [shared.one(chunk, 0), shared.one(chunk, 1)];
  assert.deepEqual([textsOf(first), chunk.shared], [["a", "b"], undefined]);
  const again = shared.one(chunk, 0);
  assert.notEqual(again, first[0]);
  assert.equal(shared.one(chunk, 0), again);
});

test("past the limit the records that were shared first are forgotten, and can be asked for again", () => {
  const shared = new SharedRecords(2 * (SHARED_RECORD_BYTES + 8));
  const chunks = [chunkOf("a"), chunkOf("b"), chunkOf("c")];
  for (const chunk of chunks) shared.all(chunk);
  assert.deepEqual(
    chunks.map((chunk) => textsOf(chunk.shared)),
    [[], ["b"], ["c"]],
  );
  assert.deepEqual(textsOf(shared.all(chunks[0]!)), ["a"]);
});

test("a chunk of several batches knows where each of its records is", () => {
  const records = [
    ...stored(
      0,
      5,
      ["a", "b"].map((value) => recordOf(value)),
    ),
    ...stored(0, 9, [recordOf("c")]),
    ...stored(0, 10, [recordOf("d")]),
  ];
  const chunk = new Chunk(0, records, { partition: 0, before: [5], next: 11 });
  assert.deepEqual(textsOf(chunk.records()), ["a", "b", "c", "d"]);
  assert.deepEqual(
    chunk.records().map(({ offset, progress }) => [offset, ...progress]),
    [
      [5, 6],
      [6, 7],
      [9, 10],
      [10, 11],
    ],
  );
  assert.deepEqual([chunk.offsetAt(2), chunk.bytes, chunk.length], [9, records.reduce((sum, { bytes }) => sum + bytes, 0), 4]);
  chunk.forget();
  assert.deepEqual(chunk.records(), []);
});
