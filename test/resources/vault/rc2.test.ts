import assert from "node:assert/strict";
import { test } from "node:test";
import { decryptRc2 } from "../../../src/resources/vault/rc2.ts";

/** RFC 2268 §5: key, effective bits, plain, encrypted. */
const VECTORS = [
  ["0000000000000000", 63, "0000000000000000", "ebb773f993278eff"],
  ["ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"],
  ["3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"],
  ["88", 64, "0000000000000000", "61a8a244adacccf0"],
  ["88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"],
  ["88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"],
  ["88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"],
] as const;

/** An initial vector that turns the block into nothing but padding: then, and only then, the result is empty. */
const padded = (plain: string): Uint8Array => Buffer.from(plain, "hex").map((byte) => byte ^ 8);

test("the blocks of the specification are decrypted", () => {
  for (const [key, bits, plain, encrypted] of VECTORS) {
    const decrypted = decryptRc2(Buffer.from(encrypted, "hex"), Buffer.from(key, "hex"), { iv: padded(plain), bits });
    assert.deepEqual(decrypted, new Uint8Array(0), `key ${key}, ${bits} bits`);
  }
});

test("another key, or half a block, is found out by the padding", () => {
  const iv = padded("0000000000000000");
  const encrypted = Buffer.from("61a8a244adacccf0", "hex");
  assert.equal(decryptRc2(encrypted, Buffer.from("89", "hex"), { iv, bits: 64 }), undefined);
  assert.equal(decryptRc2(encrypted.subarray(1), Buffer.from("88", "hex"), { iv, bits: 64 }), undefined);
  assert.equal(decryptRc2(new Uint8Array(0), Buffer.from("88", "hex"), { iv, bits: 64 }), undefined);
});
