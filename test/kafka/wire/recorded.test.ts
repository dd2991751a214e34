// Segments of Apache Kafka 4.3.1 as they lay on its disk (recorded.json, base64): what the Java producer, librdkafka (kcat) and kafkajs had
// it store, and the markers it wrote itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { withoutAborted } from "../../../src/kafka/wire/transactions.ts";
import { dataOf, sound } from "./batches.ts";

const SEGMENTS: Readonly<Record<string, string>> = JSON.parse(readFileSync(new URL("recorded.json", import.meta.url), "utf8"));
const segment = (name: string): Uint8Array => Buffer.from(SEGMENTS[name]!, "base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const textOf = (index: number): string => `value ${index} ${"the same words again and again, ".repeat(index % 4)}`;
const TWELVE = Array.from({ length: 12 }, (_, index) => index);

for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
  test(`what the Java producer wrote (${codec}) is read`, () => {
    const batches = sound(segment(`java-${codec}`));
    assert.equal(batches.length, 1);
    assert.deepEqual(
      batches[0]!.records.map(dataOf),
      TWELVE.map((index) => ({
        key: hex(`key-${index}`),
        value: hex(textOf(index)),
        headers: [
          ["id", hex(String(index))],
          ["zilla", hex("service:example.EchoService")],
        ],
      })),
    );
    assert.ok(batches[0]!.producerId >= 0, "it is idempotent by default");
  });

  test(`what librdkafka wrote (${codec}) is read`, () => {
    const records = sound(segment(`kcat-${codec}`)).flatMap((batch) => batch.records);
    assert.deepEqual(
      records.map(dataOf),
      TWELVE.map((index) => ({
        key: hex(`key-${index}`),
        value: hex(textOf(index)),
        headers: [
          ["a", hex("1")],
          ["a", hex("2")],
          ["empty", ""],
        ],
      })),
    );
    assert.deepEqual(
      records.map(({ offset }) => offset),
      TWELVE,
    );
  });
}

test("the markers that the broker wrote tell a commit from an abort", () => {
  const batches = sound(segment("txn"));
  assert.deepEqual(
    batches.map(({ marker, transactional, records, lastOffset }) => [marker, transactional, records.length, lastOffset]),
    [
      [undefined, true, 1, 0],
      ["commit", true, 0, 1],
      [undefined, true, 1, 2],
      ["abort", true, 0, 3],
    ],
  );
  const [{ producerId }] = batches as [(typeof batches)[0]];
  const visible = withoutAborted(batches, [{ producerId, firstOffset: 2 }]).flatMap((batch) =>
    batch.kind === "batch" ? batch.records : [],
  );
  assert.deepEqual(visible.map(dataOf), [{ key: hex("k"), value: hex("commit"), headers: [] }]);
});

test("a topic that stamps its records gives its own time", () => {
  const [batch] = sound(segment("stamped"));
  assert.ok(batch!.records[0]!.timestampMs > 1_700_000_000_000);
});
