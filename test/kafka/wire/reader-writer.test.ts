import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../../src/core/bytes.ts";
import { type Encoding, Reader, WireError } from "../../../src/kafka/wire/reader.ts";
import { putVarint, putVarlong, varintSize, varlongSize } from "../../../src/kafka/wire/varint.ts";
import { PIECE_BYTES_MIN, Writer } from "../../../src/kafka/wire/writer.ts";

const ENCODINGS: readonly Encoding[] = ["classic", "flexible"];
const hex = (writer: Writer): string => Buffer.from(concat(writer.pieces())).toString("hex");

for (const encoding of ENCODINGS)
  test(`what is written ${encoding} is read back`, () => {
    const one = fc.record({
      byte: fc.integer({ min: -128, max: 127 }),
      short: fc.integer({ min: -32768, max: 32767 }),
      int: fc.integer(),
      long: fc.maxSafeInteger(),
      unsigned: fc.nat(0xffffffff),
      flag: fc.boolean(),
      text: fc.option(fc.string({ unit: "grapheme", maxLength: 300 })),
      list: fc.array(fc.integer(), { maxLength: 200 }),
      id: fc.uuid(),
    });
    fc.assert(
      fc.property(one, (value) => {
        const to = new Writer(encoding);
        to.int8(value.byte).int16(value.short).int32(value.int).int64(value.long).uvarint(value.unsigned).boolean(value.flag);
        to.nullableString(value.text)
          .uuid(value.id)
          .array(value.list, (item) => to.int32(item).noTags())
          .noTags();
        const from = new Reader(concat(to.pieces()), encoding);
        assert.equal(to.length, from.bytes.length);
        const head = { byte: from.int8(), short: from.int16(), int: from.int32(), long: from.int64(), unsigned: from.uvarint() };
        const more = { flag: from.boolean(), text: from.nullableString(), id: from.uuid() };
        const list = from.array(() => {
          const item = from.int32();
          from.tags();
          return item;
        });
        from.tags();
        assert.deepEqual({ ...head, ...more, list }, { ...value });
        assert.equal(from.remaining, 0);
      }),
      { numRuns: 100 },
    );
  });

test("the encodings spell lengths as the protocol says", () => {
  const spell = (encoding: Encoding): string =>
    hex(
      new Writer(encoding)
        .string("ab")
        .nullableString(null)
        .array([1], (n, to) => to.int8(n))
        .noTags(),
    );
  assert.equal(spell("classic"), "00026162ffff0000000101");
  assert.equal(spell("flexible"), "0361620002010" + "0");
});

test("large bytes become a piece of their own, in their place and not copied", () => {
  const large = new Uint8Array(PIECE_BYTES_MIN).fill(7);
  const writer = new Writer("flexible").int8(1).raw(large).int8(2).raw(large).raw(Uint8Array.of(3));
  const pieces = writer.pieces();
  assert.equal(pieces[1], large);
  assert.deepEqual(concat(pieces), concat([Uint8Array.of(1), large, Uint8Array.of(2), large, Uint8Array.of(3)]));
});

test("a reader does not leave its bytes, whatever they say", () => {
  const reads = fc.constantFrom<(from: Reader) => unknown>(
    (from) => from.int8(),
    (from) => from.int16(),
    (from) => from.int32(),
    (from) => from.int64(),
    (from) => from.uvarint(),
    (from) => from.varint(),
    (from) => from.uuid(),
    (from) => from.string(),
    (from) => from.nullableBytes(),
    (from) => from.tags(),
    (from) => from.array((each) => each.int16()),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...ENCODINGS),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(reads, { maxLength: 10 }),
      (encoding, bytes, calls) => {
        const from = new Reader(bytes, encoding);
        try {
          for (const call of calls) call(from);
        } catch (reason) {
          assert.ok(reason instanceof WireError, String(reason));
        }
        assert.ok(from.position <= bytes.length);
      },
    ),
    { numRuns: 500 },
  );
});

test("unknown tagged fields are passed over", () => {
  const from = new Reader(Uint8Array.of(2, 5, 3, 1, 2, 3, 9, 1, 4, 77), "flexible");
  const seen: number[] = [];
  from.tags((tag, field) => seen.push(tag, field.remaining));
  assert.deepEqual(seen, [5, 3, 9, 1]);
  assert.equal(from.int8(), 77);
});

test("zigzag numbers take the bytes they are said to take", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (int, long) => {
      const bytes = new Uint8Array(20);
      const end = putVarint(bytes, 0, int);
      assert.equal(end, varintSize(int));
      assert.equal(new Reader(bytes, "classic").varint(), int);
      const longEnd = putVarlong(bytes, 0, long);
      assert.equal(longEnd, varlongSize(long));
      let value = 0n;
      for (let at = longEnd - 1; at >= 0; at--) value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
      assert.equal(Number(value & 1n ? -((value + 1n) / 2n) : value / 2n), long);
    }),
    { numRuns: 200 },
  );
});
