// Chunks that have nothing for a reader with filters are passed over without looking at their records.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { hash64 } from "../../../src/kafka/log/hash64.ts";
import { matcherOf } from "../../../src/kafka/log/matcher.ts";
import { PackedRecords } from "../../../src/kafka/log/packed-records.ts";
import { ValueFilter } from "../../../src/kafka/log/value-filter.ts";
import { recordOf, stored } from "./history.ts";
import { Reading } from "./reading.ts";
import { id, scene } from "./scene.ts";

const RECORDS = stored(
  0,
  0,
  Array.from({ length: 200 }, (_, at) => recordOf("v", [...id(`id-${at}`), ...id(`other-${at}`), ["x", "1"]], at % 2 ? `key-${at}` : null)),
);

test("a value that is there is never missed, and few that are not are hoped for", () => {
  const [ids, keys] = [new ValueFilter(RECORDS, "id"), new ValueFilter(RECORDS, undefined)];
  for (let at = 0; at < 200; at++) {
    assert.ok(ids.mayHave(hash64(`id-${at}`)) && ids.mayHave(hash64(`other-${at}`)));
    if (at % 2) assert.ok(keys.mayHave(hash64(`key-${at}`)));
  }
  const hopes = (filter: ValueFilter): number =>
    Array.from({ length: 2_000 }, (_, at) => filter.mayHave(hash64(`none-${at}`))).filter(Boolean).length;
  assert.ok(hopes(ids) < 500, `${hopes(ids)} of 2000`); // Two values a record: fuller than usual.
  assert.ok(hopes(keys) < 100, `${hopes(keys)} of 2000`);
});

test("the first who looks looks at the records; from then on there is an index", () => {
  const packed = new PackedRecords(RECORDS);
  const wanting = (...filters: Parameters<typeof matcherOf>[0]["filters"]) => matcherOf({ filters })!;
  const none = { headers: [{ name: "x", value: utf8("2") }] };
  assert.equal(wanting(none).mayMatch(packed), true);
  assert.equal(wanting(none).mayMatch(packed), false);
  assert.equal(wanting(none, { key: utf8("key-7") }).mayMatch(packed), true);
  assert.equal(wanting({ key: utf8("nobody's") }).mayMatch(packed), false);
  assert.equal(matcherOf({ filters: [], correlated: { name: "id", value: utf8("other-199") } })!.mayMatch(packed), true);
});

test("a reader with a filter is given the same with the index and without", () => {
  const { log, write } = scene();
  for (let at = 0; at < 300; at++) write(0, recordOf(`v${at}`, id(`${at % 70}`)), recordOf(`w${at}`, id("w"), `${at % 50}`));
  for (const filters of [
    [{ headers: [{ name: "id", value: utf8("33") }] }],
    [{ key: utf8("44") }, { headers: [{ name: "id", value: utf8("7") }] }],
  ]) {
    const [first, ...rest] = [1, 2, 3].map(() => new Reading(log, { from: "earliest", filters }).drain());
    assert.ok(first!.values.length >= 4);
    for (const reading of rest) assert.deepEqual(reading.values, first!.values);
  }
});
