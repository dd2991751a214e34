// Requests cut out of chunks, wherever these end.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Budget } from "../../../src/broker/network/budget.ts";
import { Frames } from "../../../src/broker/network/frames.ts";
import { REQUEST_BYTES_MAX } from "../../../src/broker/network/limits.ts";
import { WireError } from "../../../src/kafka/wire/reader.ts";

const framed = (body: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
};

test("frames come out as they went in, however the bytes are cut", () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(bodies, cuts, (all, sizes) => {
      const frames = new Frames();
      const bytes = Buffer.concat(all.map(framed));
      const found: Buffer[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        for (const frame of frames.push(bytes.subarray(at, at + size))) found.push(Buffer.from(frame));
        at += size;
      }
      assert.deepEqual(
        found,
        all.map((body) => Buffer.from(body)),
      );
      assert.equal(frames.pending, 0);
    }),
    { numRuns: 200, seed: 7 },
  );
});

test("a length beyond what is allowed is refused before anything is kept for it", () => {
  const frames = new Frames();
  const length = Buffer.alloc(4);
  length.writeInt32BE(REQUEST_BYTES_MAX + 1);
  assert.throws(() => frames.push(length), WireError);
});

test("what has begun and not ended is told", () => {
  const frames = new Frames();
  frames.push(framed(Buffer.alloc(10)).subarray(0, 2));
  assert.equal(frames.pending, 2);
  frames.push(framed(Buffer.alloc(10)).subarray(2, 9));
  assert.equal(frames.pending, 9);
});

test("whoever found the budget spent is told once, when there is room", () => {
  const budget = new Budget(10);
  let told = 0;
  budget.take(10);
  assert.equal(budget.spent, true);
  budget.wait(() => told++);
  budget.take(5);
  budget.give(5);
  assert.equal(told, 0);
  budget.give(1);
  assert.equal(told, 1);
  budget.give(9);
  assert.equal(told, 1);
});

test("what a frame may have can change between two", () => {
  let bytesMax = 4;
  const frames = new Frames(() => bytesMax);
  assert.throws(() => new Frames(() => bytesMax).push(framed(Buffer.alloc(5))), WireError);
  assert.equal(frames.push(framed(Buffer.alloc(4))).length, 1);
  bytesMax = 5;
  assert.equal(frames.push(framed(Buffer.alloc(5))).length, 1);
});
