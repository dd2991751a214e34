import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { COMMIT_METADATA_BYTES_MAX, decodeDone, encodeDone, type OffsetRange } from "../../../src/kafka/client/commit-metadata.ts";

test("the layout is fixed: other versions of this program read it", () => {
  const done = [
    { from: 101, to: 103 },
    { from: 110, to: 310 },
  ];
  const { text, ranges } = encodeDone(100, done);
  assert.equal(text, `sluice:1:${Buffer.from([1, 2, 7, 200, 1]).toString("base64url")}`);
  assert.equal(ranges, 2);
  assert.deepEqual(decodeDone(100, text), done);
});

test("nothing beyond is an empty text", () => {
  assert.deepEqual(encodeDone(5, []), { text: "", ranges: 0, share: 0 });
});

test("any ranges come back as they were, or without the last ones where they do not fit", () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 })), { maxLength: 2_000 });
  fc.assert(
    fc.property(fc.nat(1_000_000_000), pairs, (committed, gaps) => {
      const done: OffsetRange[] = [];
      let at = committed;
      for (const [gap, run] of gaps) {
        done.push({ from: at + gap, to: at + gap + run });
        at += gap + run;
      }
      const { text, ranges } = encodeDone(committed, done);
      assert.ok(text.length <= COMMIT_METADATA_BYTES_MAX);
      assert.deepEqual(decodeDone(committed, text), done.slice(0, ranges));
      assert.ok(ranges === done.length || text.length > COMMIT_METADATA_BYTES_MAX - 16);
    }),
    { numRuns: 200 },
  );
});

test("a smaller bound takes fewer, and none when there is no room", () => {
  const done = Array.from({ length: 100 }, (_, index) => ({ from: 1 + index * 2, to: 2 + index * 2 }));
  assert.ok(encodeDone(0, done, 64).ranges < encodeDone(0, done, 128).ranges);
  assert.deepEqual(encodeDone(0, done, 0), { text: "", ranges: 0, share: 0 });
});

const FOREIGN: readonly (readonly [what: string, metadata: string | null])[] = [
  ["null", null],
  ["empty", ""],
  ["of another program", "some text"],
  ["of the original", "AAAABw=="],
  ["of a later version", "sluice:2:AQI"],
  ["cut off in a number", `sluice:1:${Buffer.from([1, 0x80]).toString("base64url")}`],
  ["cut off between two", `sluice:1:${Buffer.from([1, 2, 3]).toString("base64url")}`],
  ["with an empty run", `sluice:1:${Buffer.from([0, 2]).toString("base64url")}`],
  ["with a number too large", `sluice:1:${Buffer.from([1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).toString("base64url")}`],
];
for (const [what, metadata] of FOREIGN)
  test(`metadata ${what} says that nothing beyond is done`, () => {
    assert.deepEqual(decodeDone(7, metadata), []);
  });
