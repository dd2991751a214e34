import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { murmur2, partitionFor } from "../../../src/kafka/wire/murmur2.ts";

const CORRELATED = "59410e57-3e0f-4b61-9328-f645a7968ac8-479f2c3fb58bc3f04bbe15440a657670";

const hash = (key: string, wanted: number): void => {
  test(`murmur2 of '${key}' is ${wanted}`, () => assert.equal(murmur2(utf8(key)) & 0x7fffffff, wanted & 0x7fffffff));
};

hash("test", 716234879);
hash(CORRELATED, 781132856);
// Of the Java client's own tests.
hash("21", -973932308);
hash("foobar", -790332482);
hash("a-little-bit-long-string", -985981536);
hash("a-little-bit-longer-string", -1486304829);
hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971);
hash("abc", 479470107);

const partition = (key: string, count: number, wanted: number): void => {
  test(`'${key}' goes to ${wanted} of ${count} partitions`, () => assert.equal(partitionFor(utf8(key), count), wanted));
};

for (const [count, wanted] of [
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 3],
  [6, 5],
  [12, 11],
] as const)
  partition("test", count, wanted);
for (const [count, wanted] of [
  [2, 0],
  [3, 2],
  [4, 0],
  [6, 2],
  [12, 8],
] as const)
  partition(CORRELATED, count, wanted);
