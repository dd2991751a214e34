// Messages become frames and frames become messages, wherever the chunks are cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { type Encoding, RATIO_FREE_BYTES } from "../../../src/bindings/grpc/compression.ts";
import { GRPC_LIMITS, type GrpcLimits } from "../../../src/bindings/grpc/config.ts";
import { Cutter, inBatches } from "../../../src/bindings/grpc/cutter.ts";
import { framed } from "../../../src/bindings/grpc/frame.ts";
import { Code, StatusError } from "../../../src/core/status.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const HELLO = bytes("0a 0b 48 65 6c 6c 6f 20 57 6f 72 6c 64");

const cutAll = (chunks: readonly Uint8Array[], encoding: Encoding = "identity", limits: GrpcLimits = GRPC_LIMITS): Buffer[] => {
  const cutter = new Cutter(encoding, limits);
  const messages: Uint8Array[] = [];
  for (const chunk of chunks) cutter.cut(chunk, messages);
  cutter.end();
  return messages.map((message) => Buffer.from(message));
};

const frame = (message: Uint8Array, flag = 0): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};

const vectors: readonly (readonly [claim: string, message: Uint8Array, start: string])[] = [
  ["a small message", HELLO, "00 00 00 00 0d 0a 0b 48 65 6c 6c 6f 20 57 6f 72 6c 64"],
  ["an empty message", new Uint8Array(0), "00 00 00 00 00"],
  ["a large message", Buffer.alloc(102404, 7), "00 00 01 90 04 07"],
];
for (const [claim, message, start] of vectors)
  test(`a frame has a flag, a length and the message: ${claim}`, () => {
    const whole = Buffer.concat(framed([message]));
    assert.equal(whole.length, 5 + message.length);
    assert.deepEqual(whole.subarray(0, bytes(start).length), bytes(start));
  });

test("a large message is framed without being copied", () => {
  const large = Buffer.alloc(10_000);
  assert.equal(framed([large])[1], large);
  assert.deepEqual(
    framed([HELLO, large, HELLO]).map((chunk) => chunk.length),
    [5 + 13 + 5, 10_000, 5 + 13],
  );
});

test("a message that goes to many callers is framed once", () => {
  const message = Buffer.from("to all");
  assert.equal(framed([message])[0], framed([message])[0]);
});

test("a message that lies in one chunk is a view of it", () => {
  const chunk = Buffer.concat([frame(HELLO), frame(HELLO)]);
  const messages: Uint8Array[] = [];
  new Cutter("identity", GRPC_LIMITS).cut(chunk, messages);
  assert.deepEqual(
    messages.map(({ buffer }) => buffer === chunk.buffer),
    [true, true],
  );
});

const messageLists = fc.array(
  fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 4000, maxLength: 4200, size: "max" })),
  {
    maxLength: 12,
  },
);
const cuts = fc.array(fc.nat(50_000), { maxLength: 12 });

const cutAt = (body: Buffer, places: readonly number[]): Buffer[] => {
  const ordered = [...new Set(places.map((place) => place % (body.length + 1)))].sort((a, b) => a - b);
  return [0, ...ordered].map((from, index) => body.subarray(from, ordered[index] ?? body.length));
};

test("a body gives the same messages wherever it is cut into chunks", () => {
  fc.assert(
    fc.property(messageLists, cuts, (messages, places) => {
      const body = messages.length === 0 ? Buffer.alloc(0) : Buffer.concat(framed(messages));
      assert.deepEqual(
        cutAll(cutAt(body, places)),
        messages.map((message) => Buffer.from(message)),
      );
    }),
    { numRuns: 300 },
  );
});

test("a body in single bytes gives the same messages", () => {
  const messages = [HELLO, Buffer.alloc(0), Buffer.alloc(300, 1), HELLO];
  const body = Buffer.concat(framed(messages));
  assert.deepEqual(cutAll([...body].map((byte) => Uint8Array.of(byte))), messages);
});

test("room for a message grows with what has come, not with what its prefix promises", () => {
  const before = process.memoryUsage().arrayBuffers;
  const cutters = Array.from({ length: 100 }, () => new Cutter("identity", GRPC_LIMITS));
  for (const cutter of cutters) cutter.cut(bytes("00 00 3f ff ff 01"), []);
  assert.ok(process.memoryUsage().arrayBuffers - before < 100 * 64 * 1024);
});

const tooShort: readonly (readonly [claim: string, body: string, message: RegExp])[] = [
  ["inside the prefix", "00 00 00", /after 3 of 5 bytes of its prefix$/],
  ["after the prefix", "00 00 00 00 02", /after 0 of 2 bytes$/],
  ["inside the message", "00 00 00 00 02 01", /after 1 of 2 bytes$/],
  ["inside the second message", "00 00 00 00 00 00 00 00 00 05 01 02", /after 2 of 5 bytes$/],
];
const refusal = (code: keyof typeof Code, message: RegExp) => (reason: unknown) => {
  assert.ok(reason instanceof StatusError, String(reason));
  assert.equal(reason.status.code, Code[code]);
  assert.match(reason.status.message, message);
  assert.equal(reason.cause, undefined);
  return true;
};
for (const [claim, body, message] of tooShort)
  test(`a body must not end inside a message: ${claim}`, () => {
    assert.throws(() => cutAll([bytes(body)]), refusal("INTERNAL", message));
  });

test("a message over the limit is refused by its prefix alone, naming size and limit", () => {
  const limits = { ...GRPC_LIMITS, messageBytes: 10 };
  assert.deepEqual(cutAll([frame(Buffer.alloc(10))], "identity", limits), [Buffer.alloc(10)]);
  assert.throws(
    () => cutAll([bytes("00 00 00 00 0b")], "identity", limits),
    refusal("RESOURCE_EXHAUSTED", /^a message has 11 bytes, more than the limit of 10$/),
  );
  assert.throws(() => cutAll([bytes("00 ff ff ff ff")]), refusal("RESOURCE_EXHAUSTED", /4294967295 bytes, more than the limit of 4194304/));
});

test("a flag above 1 is refused", () => {
  assert.throws(() => cutAll([bytes("80 00 00 00 00")]), refusal("INTERNAL", /the flag 128, but 0 or 1 is needed/));
});

test("compressed messages are decompressed, and plain ones among them left alone", () => {
  assert.deepEqual(cutAll([frame(gzipSync(HELLO), 1), frame(HELLO), frame(gzipSync(Buffer.alloc(0)), 1)], "gzip"), [
    HELLO,
    HELLO,
    Buffer.alloc(0),
  ]);
  assert.deepEqual(cutAll([frame(deflateSync(HELLO), 1)], "deflate"), [HELLO]);
  assert.deepEqual(cutAll([frame(Buffer.alloc(0), 1)], "gzip"), [Buffer.alloc(0)]);
});

test("a compressed message in pieces is decompressed", () => {
  const body = frame(gzipSync(HELLO), 1);
  assert.deepEqual(cutAll([body.subarray(0, 3), body.subarray(3, 9), body.subarray(9)], "gzip"), [HELLO]);
});

test("a compressed message without an encoding is refused", () => {
  assert.throws(() => cutAll([frame(gzipSync(HELLO), 1)]), refusal("INTERNAL", /grpc-encoding names no compression/));
});

test("bytes that are not what the encoding says are refused", () => {
  assert.throws(() => cutAll([frame(HELLO, 1)], "gzip"), refusal("INTERNAL", /not valid gzip data/));
  assert.throws(() => cutAll([frame(gzipSync(HELLO).subarray(0, 20), 1)], "gzip"), refusal("INTERNAL", /not valid gzip data/));
  assert.throws(() => cutAll([frame(HELLO, 1)], "deflate"), refusal("INTERNAL", /not valid deflate data/));
});

test("a message that decompresses beyond the limit is refused", () => {
  const limits = { ...GRPC_LIMITS, decompressedMessageBytes: 1000 };
  assert.equal(cutAll([frame(gzipSync(Buffer.alloc(1000)), 1)], "gzip", limits)[0]?.length, 1000);
  assert.throws(
    () => cutAll([frame(gzipSync(Buffer.alloc(1001)), 1)], "gzip", limits),
    refusal("RESOURCE_EXHAUSTED", /more bytes than the limit of 1000$/),
  );
});

test("a small message of any ratio passes, a larger one that was compressed by more than the bound does not", () => {
  assert.equal(cutAll([frame(gzipSync(Buffer.alloc(RATIO_FREE_BYTES)), 1)], "gzip")[0]?.length, RATIO_FREE_BYTES);
  const bomb = gzipSync(Buffer.alloc(RATIO_FREE_BYTES + 1));
  assert.throws(
    () => cutAll([frame(bomb, 1)], "gzip"),
    refusal("RESOURCE_EXHAUSTED", new RegExp(`a message of ${bomb.length} bytes decompresses to more than 1048576`)),
  );
});

const batchSizes = (sizes: readonly number[]): number[][] => {
  const batches: number[][] = [];
  inBatches(
    sizes.map((size) => new Uint8Array(size)),
    (batch) => batches.push(batch.map(({ length }) => length)),
  );
  return batches;
};
test("messages go on in batches of at most 256 and 256 KiB, or one of any size", () => {
  const KIB = 1024;
  assert.deepEqual(batchSizes([]), []);
  assert.deepEqual(
    batchSizes(Array(600).fill(1)).map(({ length }) => length),
    [256, 256, 88],
  );
  assert.deepEqual(batchSizes([200 * KIB, 56 * KIB, 1, 300 * KIB, 2]), [[200 * KIB, 56 * KIB], [1], [300 * KIB], [2]]);
});

test("a batch of the usual size is the list itself", () => {
  const messages = [HELLO, HELLO];
  inBatches(messages, (batch) => assert.equal(batch, messages));
});
