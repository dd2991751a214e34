import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IndexSegment, type RecordPlace } from "../../../src/kafka/log/index-segment.ts";

test("a segment finds what was added, in its order, up to its fill", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(3), fc.nat(0xffff), fc.nat(2 ** 48 - 1)), { maxLength: 56 }), (added) => {
      const segment = new IndexSegment(64);
      for (const [low, high, partition, offset] of added) {
        assert.ok(!segment.full);
        segment.add([low, high + 1], { partition, offset });
      }
      for (let low = 0; low <= 5; low++)
        for (let high = 0; high <= 3; high++) {
          const found: RecordPlace[] = [];
          segment.find([low, high + 1], (place) => found.push(place));
          assert.deepEqual(
            found,
            added.filter((one) => one[0] === low && one[1] === high).map(([, , partition, offset]) => ({ partition, offset })),
          );
        }
      assert.equal(segment.full, added.length >= 56);
    }),
    { numRuns: 100 },
  );
});
