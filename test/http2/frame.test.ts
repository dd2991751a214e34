import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Flag, FRAME_BYTES_MAX, FrameReader, FrameType } from "../../src/http2/frame.ts";
import { FrameWriter } from "../../src/http2/frame-writer.ts";
import { frame } from "../kit/frames.ts";

interface Read {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: string;
}

/** What comes of the chunks; the parts of a DATA frame put together again. */
const read = (chunks: readonly Uint8Array[]): Read[] => {
  const frames: Read[] = [];
  let parts = "";
  const reader = new FrameReader({
    frame({ type, flags, stream, bytes, from, to, begins, ends, length }) {
      const part = bytes.toString("hex", from, to);
      if (!begins || !ends) assert.equal(type, FrameType.DATA, "only DATA comes in parts");
      parts = begins ? part : parts + part;
      if (!ends) return;
      assert.equal(parts.length, 2 * length);
      frames.push({ type, flags, stream, payload: parts });
      parts = "";
    },
    tooLong({ length }) {
      throw new Error(`${length} is too long`);
    },
  });
  for (const chunk of chunks) reader.read(Buffer.from(chunk));
  assert.equal(reader.within, false);
  return frames;
};

const anyFrame = fc.record({
  type: fc.integer({ min: 0, max: 12 }),
  flags: fc.integer({ min: 0, max: 255 }),
  stream: fc.integer({ min: 0, max: 0x7fffffff }),
  payload: fc.uint8Array({ maxLength: 60 }),
});

test("frames come out as they went in, however the bytes are cut into chunks", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(({ payload, ...head }) => frame(head, payload)));
      const chunks: Uint8Array[] = [];
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const length = cuts[cut % cuts.length]!;
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      const expected = frames.map(({ payload, ...head }) => ({ ...head, payload: Buffer.from(payload).toString("hex") }));
      assert.deepEqual(read(chunks), expected);
      assert.deepEqual(read([bytes]), expected);
    }),
    { numRuns: 200 },
  );
});

test("a frame that is too long is told by its head", () => {
  const reader = new FrameReader({
    frame: () => assert.fail("no frame"),
    tooLong: () => {
      throw new Error("too long");
    },
  });
  const head = frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(FRAME_BYTES_MAX + 1)).subarray(0, 9);
  assert.throws(() => reader.read(head), /too long/);
});

test("a reader that is stopped gives nothing more, not even of the same chunk", () => {
  let given = 0;
  const reader = new FrameReader({
    frame: () => {
      given += 1;
      reader.stop();
    },
    tooLong() {},
  });
  const ping = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8));
  reader.read(Buffer.concat([ping, ping, ping.subarray(0, 5)]));
  assert.equal(given, 1);
  assert.equal(reader.within, false);
});

test("what a writer writes is read, small payloads together and large ones apart", () => {
  const writer = new FrameWriter();
  const large = Buffer.alloc(10_000, 7);
  writer.settings([[3, 100]]);
  writer.data(1, 3 + large.length);
  writer.payload(Buffer.from("abc"), 0, 3);
  writer.payload(large, 0, large.length);
  writer.data(3, 2);
  writer.payload(Buffer.from("xyz"), 1, 3);
  writer.reset(5, 8);
  writer.windowUpdate(0, 1000);
  writer.goaway(7, 2, "why");
  const bytes = writer.waiting;
  const pieces = writer.take();
  assert.equal(pieces.length, 3);
  assert.equal(pieces[1], large);
  assert.equal(Buffer.concat(pieces).length, bytes);
  assert.equal(writer.waiting, 0);
  assert.deepEqual(
    read(pieces).map(({ type, stream, payload }) => [type, stream, payload.length > 100 ? payload.length / 2 : payload]),
    [
      [FrameType.SETTINGS, 0, "000300000064"],
      [FrameType.DATA, 1, 10_003],
      [FrameType.DATA, 3, "797a"],
      [FrameType.RST_STREAM, 5, "00000008"],
      [FrameType.WINDOW_UPDATE, 0, "000003e8"],
      [FrameType.GOAWAY, 0, "0000000700000002776879"],
    ],
  );
});

test("the end of a body goes onto its last DATA frame while that waits, else onto one of its own", () => {
  const writer = new FrameWriter();
  const data = (stream: number): void => {
    writer.data(stream, 1);
    writer.payload(Buffer.from("x"), 0, 1);
  };
  const flags = (): number[][] => read(writer.take()).map((each) => [each.stream, each.flags, each.payload.length / 2]);
  data(1);
  writer.endData(1);
  assert.deepEqual(flags(), [[1, Flag.END_STREAM, 1]]);
  data(1);
  data(3);
  writer.endData(1);
  assert.deepEqual(flags(), [
    [1, 0, 1],
    [3, 0, 1],
    [1, Flag.END_STREAM, 0],
  ]);
  data(1);
  flags();
  writer.endData(1);
  assert.deepEqual(flags(), [[1, Flag.END_STREAM, 0]]);
});

test("what follows on the same stream goes on in its frame, as long as a frame may be and nothing came between", () => {
  const writer = new FrameWriter();
  const data = (stream: number, length: number): void => {
    writer.data(stream, length);
    writer.payload(Buffer.alloc(length, stream), 0, length);
  };
  for (const length of [10, 6_000, 10_000, 374, 1, 5]) data(1, length);
  data(3, 7);
  data(1, 8);
  writer.windowUpdate(0, 1);
  data(1, 9);
  assert.deepEqual(
    read(writer.take()).map(({ type, stream, payload }) => [type, stream, payload.length / 2]),
    [
      [FrameType.DATA, 1, FRAME_BYTES_MAX],
      [FrameType.DATA, 1, 6],
      [FrameType.DATA, 3, 7],
      [FrameType.DATA, 1, 8],
      [FrameType.WINDOW_UPDATE, 0, 4],
      [FrameType.DATA, 1, 9],
    ],
  );
});

test("a block that is longer than a frame goes on in CONTINUATION frames", () => {
  const writer = new FrameWriter();
  const length = 2 * FRAME_BYTES_MAX + 5;
  const begin = writer.beginBlock(length + 100);
  writer.room.fill(9, begin, begin + length);
  writer.endBlock(3, Flag.END_STREAM, begin + length);
  assert.deepEqual(
    read(writer.take()).map(({ type, flags, stream, payload }) => [type, flags, stream, payload.length / 2]),
    [
      [FrameType.HEADERS, Flag.END_STREAM, 3, FRAME_BYTES_MAX],
      [FrameType.CONTINUATION, 0, 3, FRAME_BYTES_MAX],
      [FrameType.CONTINUATION, Flag.END_HEADERS, 3, 5],
    ],
  );
});
