// Ids that are drawn so that their replies come where they are read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "../../src/core/bytes.ts";
import { DRAWS_MAX, drawnCorrelationId } from "../../src/exchange/correlation-id.ts";
import { murmur2, partitionOfHash } from "../../src/kafka/wire/murmur2.ts";

const DIGEST = "132e6a3c3cd99bf490609dd2718acc8a";
const FORM = new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-${DIGEST}$`);

test("the hash that is asked about is that of the id, which is a random UUID and the digest", () => {
  for (let times = 0; times < 100; times++) {
    let asked = -1;
    const id = drawnCorrelationId(DIGEST, (hash) => {
      asked = hash;
      return partitionOfHash(hash, 16) === 3;
    });
    assert.equal(asked, murmur2(id));
    assert.match(text(id), FORM);
  }
});

for (const { partitions, mine } of [
  { partitions: 8, mine: [3] },
  { partitions: 12, mine: [0, 8] },
  { partitions: 64, mine: [1, 9, 17, 25, 33, 41, 49, 57] },
]) {
  test(`ids for ${mine.length} of ${partitions} partitions are spread evenly over them, with as many draws as these are few`, () => {
    const counts = new Map<number, number>();
    const rounds = 4_000;
    let draws = 0;
    for (let times = 0; times < rounds; times++) {
      const id = drawnCorrelationId(DIGEST, (hash) => {
        draws += 1;
        return mine.includes(partitionOfHash(hash, partitions));
      });
      const partition = partitionOfHash(murmur2(id), partitions);
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts.keys()].toSorted((a, b) => a - b),
      mine,
    );
    const even = rounds / mine.length;
    for (const count of counts.values()) assert.ok(Math.abs(count - even) < 6 * Math.sqrt(even), `${[...counts]}`);
    const wanted = partitions / mine.length;
    assert.ok(draws / rounds < 1.2 * wanted && draws / rounds > 0.8 * wanted, `${draws / rounds} draws an id`);
  });
}

test("ids never meet: what is drawn again is random too", () => {
  const ids = new Set(Array.from({ length: 20_000 }, () => text(drawnCorrelationId(DIGEST, (hash) => partitionOfHash(hash, 8) === 0))));
  assert.equal(ids.size, 20_000);
});

test("where nothing is read the drawing ends, with an id of its form", () => {
  let draws = 0;
  const id = drawnCorrelationId(DIGEST, () => {
    draws += 1;
    return false;
  });
  assert.equal(draws, DRAWS_MAX);
  assert.match(text(id), FORM);
});
