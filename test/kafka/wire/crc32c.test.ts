import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { crc32c } from "../../../src/kafka/wire/crc32c.ts";

const check = (name: string, bytes: Uint8Array, wanted: number): void => {
  test(`crc32c of ${name}`, () => assert.equal(crc32c(bytes), wanted));
};

// RFC 3720 appendix B.4, and the check value of the catalogue of CRCs.
check("nothing", new Uint8Array(0), 0);
check("123456789", utf8("123456789"), 0xe3069283);
check("32 zeros", new Uint8Array(32), 0x8a9136aa);
check("32 times 0xff", new Uint8Array(32).fill(0xff), 0x62a8ab43);
check(
  "0 to 31",
  Uint8Array.from({ length: 32 }, (_, index) => index),
  0x46dd794e,
);
check(
  "31 to 0",
  Uint8Array.from({ length: 32 }, (_, index) => 31 - index),
  0x113fdb5c,
);

const bitwise = (bytes: Uint8Array): number => {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
};

test("crc32c is that of the definition, in one piece or in two", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const wanted = bitwise(bytes);
      assert.equal(crc32c(bytes), wanted);
      assert.equal(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))), wanted);
    }),
    { numRuns: 200 },
  );
});
