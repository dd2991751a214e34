import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeHuffman, encodeHuffman, huffmanLength } from "../../src/http2/huffman.ts";

const encoded = (text: string): Buffer => {
  const bytes = Buffer.alloc(huffmanLength(text));
  assert.equal(encodeHuffman(text, bytes, 0), bytes.length);
  return bytes;
};

test("the strings of RFC 7541 C.4 and C.6 have their codes", () => {
  for (const [text, code] of [
    ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
    ["no-cache", "a8eb10649cbf"],
    ["custom-value", "25a849e95bb8e8b4bf"],
    ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
    [
      "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
      "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ],
    ["", ""],
  ] as const) {
    assert.equal(encoded(text).toString("hex"), code);
    assert.equal(decodeHuffman(Buffer.from(code, "hex"), 0, code.length / 2), text);
  }
});

test("every byte comes back, alone and among others", () => {
  for (let byte = 0; byte < 256; byte++) {
    const text = String.fromCharCode(byte);
    for (const each of [text, text.repeat(9), `a${text}b`]) {
      const bytes = encoded(each);
      assert.equal(decodeHuffman(bytes, 0, bytes.length), each);
    }
  }
});

test("any text of one character a byte comes back", () => {
  const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((unit) => String.fromCharCode(unit)), maxLength: 300 });
  fc.assert(
    fc.property(latin1, (text) => {
      const bytes = encoded(text);
      assert.equal(decodeHuffman(bytes, 0, bytes.length), text);
    }),
  );
});

test("any bytes are decoded to what is encoded to them, or refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = decodeHuffman(bytes, 0, bytes.length);
      if (text !== undefined) assert.equal(encoded(text).toString("hex"), Buffer.from(bytes).toString("hex"));
    }),
    { numRuns: 1000 },
  );
});
