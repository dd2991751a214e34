import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { type Compression, compress as compressed, compressionBits, decompress } from "../../../src/kafka/wire/compression.ts";
import { WireError } from "../../../src/kafka/wire/reader.ts";

const MAX = 1 << 20;
const CODECS = [
  { name: "gzip", bits: 1, compress: (bytes: Uint8Array) => gzipSync(bytes) },
  { name: "snappy", bits: 2, compress: (bytes: Uint8Array) => compressionsAlgorithms.snappy.compressSync(Buffer.from(bytes)) },
  { name: "lz4", bits: 3, compress: (bytes: Uint8Array) => compressionsAlgorithms.lz4.compressSync(Buffer.from(bytes)) },
  { name: "zstd", bits: 4, compress: (bytes: Uint8Array) => zstdCompressSync(bytes) },
] as const;

const uint32 = (value: number, order: "BE" | "LE"): Uint8Array => {
  const bytes = Buffer.alloc(4);
  if (order === "BE") bytes.writeUInt32BE(value);
  else bytes.writeUInt32LE(value);
  return bytes;
};

/** Text with repetitions near and far, and noise. */
const plains = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.nat(300).map((size) => new Uint8Array(size).fill(size)),
      fc.constant(utf8("zilla:correlation-id")),
    ),
    { maxLength: 40 },
  )
  .map((parts) => concat([new Uint8Array(0), ...parts]));

const LONG = Uint8Array.from({ length: 300_000 }, (_, index) => ((index * index) >>> (index % 5)) << (index % 3));

for (const { name, bits, compress } of CODECS) {
  test(`${name} is decompressed`, () => {
    fc.assert(
      fc.property(plains, (plain) => assert.deepEqual(Buffer.from(decompress(bits, compress(plain), MAX)), Buffer.from(plain))),
      { numRuns: 50 },
    );
    assert.deepEqual(Buffer.from(decompress(bits, compress(LONG), MAX)), Buffer.from(LONG));
  });

  test(`${name} does not grow past its limit`, () => {
    const bytes = compress(new Uint8Array(100_000));
    assert.equal(decompress(bits, bytes, 100_000).length, 100_000);
    assert.throws(() => decompress(bits, bytes, 99_999), WireError);
  });

  test(`${name} keeps no more alive than came out of it`, () => {
    for (const size of [1, 1_000, 300_000]) {
      const plain = decompress(bits, compress(LONG.subarray(0, size)), MAX);
      assert.ok(plain.buffer.byteLength <= size * 2, `${plain.buffer.byteLength} bytes for ${size}`);
    }
  });

  test(`${name} that is damaged is refused or gives other bytes, and nothing else`, () => {
    const bytes = compress(concat([utf8("hello hello hello hello "), LONG.subarray(0, 500)]));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (where, byte, cut) => {
        const damaged = Uint8Array.from(bytes);
        damaged[where] = byte;
        for (const input of [damaged, bytes.subarray(0, cut)])
          try {
            assert.ok(decompress(bits, input, 10_000).length <= 10_000);
          } catch (reason) {
            assert.ok(reason instanceof WireError, String(reason));
          }
      }),
      { numRuns: 300 },
    );
  });
}

/** By the same library: it shares no code with our encoders. */
const FOREIGN: Readonly<Record<Compression, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gunzipSync,
  snappy: (bytes) => compressionsAlgorithms.snappy.decompressSync(Buffer.from(bytes)),
  lz4: (bytes) => compressionsAlgorithms.lz4.decompressSync(Buffer.from(bytes)),
  zstd: zstdDecompressSync,
};
const NOISE = Uint8Array.from({ length: 70_000 }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 24);
const NEAR = ["", "a", "abcd", "abcdabcdabcd", "abcdabcdabcdabcdabcd", "x".repeat(13), "x".repeat(70_000)].map(utf8);

for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
  const check = (plain: Uint8Array): void => {
    const bytes = compressed(codec, plain);
    assert.deepEqual(Buffer.from(FOREIGN[codec](bytes)), Buffer.from(plain));
    assert.deepEqual(Buffer.from(decompress(compressionBits(codec), bytes, MAX)), Buffer.from(plain));
  };

  test(`what is compressed with ${codec} is read by others`, () => {
    fc.assert(fc.property(plains, check), { numRuns: 100 });
    for (const plain of [LONG, NOISE, ...NEAR]) check(plain);
  });

  test(`${codec} makes repetitions small, and noise hardly larger`, () => {
    assert.ok(compressed(codec, new Uint8Array(300_000)).length < 20_000);
    assert.ok(compressed(codec, NOISE).length < NOISE.length + 200);
  });
}

const XERIAL = concat([Buffer.from([0x82]), utf8("SNAPPY"), Buffer.from([0]), uint32(1, "BE"), uint32(1, "BE")]);
const blockOf = (text: string): Uint8Array => CODECS[1].compress(utf8(text));

test("snappy in the framing of Java's clients is decompressed, block after block", () => {
  const blocks = ["first first first ", "second", ""].map(blockOf);
  const bytes = concat([XERIAL, ...blocks.flatMap((block) => [uint32(block.length, "BE"), block])]);
  assert.equal(Buffer.from(decompress(2, bytes, MAX)).toString(), "first first first second");
  assert.equal(decompress(2, XERIAL, MAX).length, 0);
  assert.throws(() => decompress(2, bytes, 10), WireError);
  assert.throws(() => decompress(2, bytes.subarray(0, bytes.length - 3), MAX), WireError);
  assert.throws(() => decompress(2, XERIAL.subarray(0, 10), MAX), WireError);
});

test("a snappy length that cannot be true allocates nothing", () => {
  assert.throws(() => decompress(2, Uint8Array.of(0xff, 0xff, 0xff, 0x1f, 0), 64 * MAX), /cannot be in 5/);
});

test("lz4 with linked blocks, checksums, a content size and blocks that are stored is decompressed", () => {
  // Version 1, linked, block checksums, content size, content checksum; the block size and the header's checksum are not looked at.
  const head = [uint32(0x184d2204, "LE"), Uint8Array.of(0x5c, 0x40), uint32(19, "LE"), uint32(0, "LE"), Uint8Array.of(0)];
  const stored = utf8("0123456789");
  // A token of no literals and a match of 4 + 2 from 10 back, which lies in the block before; then three literals.
  const linked = Uint8Array.of(0x02, 10, 0, 0x30, 97, 98, 99);
  const bytes = concat([
    ...head,
    uint32(0x80000000 + stored.length, "LE"),
    stored,
    uint32(0, "LE"),
    uint32(linked.length, "LE"),
    linked,
    uint32(0, "LE"),
    uint32(0, "LE"),
    uint32(0xdead, "LE"),
  ]);
  assert.equal(Buffer.from(decompress(3, bytes, MAX)).toString(), "0123456789012345abc");
});

test("lz4 frames that follow each other are one, and a skippable one is skipped", () => {
  const frame = CODECS[2].compress(utf8("abc"));
  const skippable = concat([uint32(0x184d2a53, "LE"), uint32(2, "LE"), Uint8Array.of(9, 9)]);
  assert.equal(Buffer.from(decompress(3, concat([frame, skippable, frame]), MAX)).toString(), "abcabc");
});

test("a codec that has no name is refused", () => {
  for (const bits of [5, 6, 7]) assert.throws(() => decompress(bits, utf8("x"), MAX), WireError);
});
