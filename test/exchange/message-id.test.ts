// Message ids against the original's vectors, what is malformed, and round trips.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buffer } from "../../src/core/bytes.ts";
import { appendMessageId, decodeMessageId, encodeMessageId, MESSAGE_ID_TEXT_MAX, messageIdTag } from "../../src/exchange/message-id.ts";

const hex = (bytes: Uint8Array): string => buffer(bytes).toString("hex");
const base64 = (bytes: Uint8Array): string => buffer(bytes).toString("base64url");

for (const [field, tag] of [
  [1, "0a"],
  [15, "7a"],
  [16, "8201"],
  [255, "fa0f"],
  [32767, "faff0f"],
  [268435455, "faffffff07"],
  [536870911, "faffffff0f"],
] as const) {
  test(`the tag of field ${field} is ${tag}`, () => assert.equal(hex(messageIdTag(field)), tag));
}

for (const [progress, text] of [
  [[1], "AQIAAg=="],
  [[2], "AQIABA=="],
  [[2, 1], "AQQABAIC"],
  [[63], "AQIAfg=="],
  [[64], "AQIAgAE="],
  [[100], "AQIAyAE="],
  [[124], "AQIA-AE="],
  [[8191], "AQIA_n8="],
  [[8192], "AQIAgIAB"],
  [[1000000], "AQIAgIl6"],
  [[5, -2, 300], "AQYACgIDBNgE"],
  [[2 ** 31], "AQIAgICAgBA="],
  [[2 ** 40], "AQIAgICAgIBA"],
] as const) {
  test(`the id ${text} is of ${progress} and back`, () => {
    assert.equal(base64(encodeMessageId(progress)), text.replace(/=/g, ""));
    const position = new Map(progress.map((offset, partition) => [partition, offset]));
    assert.deepEqual(decodeMessageId(text), position);
    assert.deepEqual(decodeMessageId(text.replace(/=/g, "")), position);
    assert.deepEqual(decodeMessageId(text.replaceAll("-", "+").replaceAll("_", "/")), position);
  });
}

for (const [value, progress, message] of [
  ["0a04746573 74", [1], "0a0474657374faff0f0401020002"],
  ["", [2, 1], "faff0f06010400040202"],
  ["0a0b48656c6c6f20576f726c64", [2, 1], "0a0b48656c6c6f20576f726c64faff0f06010400040202"],
] as const) {
  test(`the id is the last field of a message: ${message}`, () => {
    const bytes = Buffer.from(value.replace(" ", ""), "hex");
    assert.equal(hex(appendMessageId(bytes, messageIdTag(32767), progress)), message);
  });
}

test("a null value is an empty message with its id", () => {
  assert.equal(hex(appendMessageId(null, messageIdTag(32767), [1])), "faff0f0401020002");
});

test("only new records is never emitted as a position", () => {
  assert.deepEqual(
    decodeMessageId(base64(encodeMessageId([-1, 7]))),
    new Map([
      [0, -2],
      [1, 7],
    ]),
  );
});

test("partition -1 stands for those that are not named", () => {
  assert.deepEqual(decodeMessageId("AQIBAQ"), new Map([[-1, -1]]));
});

test("partitions far from 0 are read, and what follows the last is ignored", () => {
  assert.deepEqual(decodeMessageId("AQKAAQI="), new Map([[64, 1]]));
  assert.deepEqual(decodeMessageId(base64(Buffer.from("01020002ffff", "hex"))), new Map([[0, 1]]));
  assert.deepEqual(decodeMessageId(base64(Buffer.from("0100", "hex"))), new Map());
});

for (const [what, text] of [
  ["empty", ""],
  ["a character of no alphabet", "AQIA*A=="],
  ["padding in the middle", "AQ=IABA"],
  ["one character", "A"],
  ["five characters", "AQIAB"],
  ["another version", base64(Buffer.from("02020002", "hex"))],
  ["version 0", base64(Buffer.from("00020002", "hex"))],
  ["nothing after the version", base64(Buffer.from("01", "hex"))],
  ["fewer partitions than announced", base64(Buffer.from("01040002", "hex"))],
  ["a partition without an offset", base64(Buffer.from("010200", "hex"))],
  ["an offset that breaks off", base64(Buffer.from("01020080", "hex"))],
  ["a negative number of partitions", base64(Buffer.from("01010002", "hex"))],
  ["2^31 partitions of which none is there", base64(Buffer.from("018080808010", "hex"))],
  ["partition -2", base64(Buffer.from("01020302", "hex"))],
  ["a partition above 31 bits", base64(Buffer.from("0102808080801002", "hex"))],
  ["offset -3", base64(Buffer.from("01020005", "hex"))],
  ["an offset above 2^53", base64(Buffer.from("010200feffffffffffffffff01", "hex"))],
  ["a varint of eleven bytes", base64(Buffer.from("0102008080808080808080808001", "hex"))],
  ["a large negative offset", base64(Buffer.from("010200818080808080808010", "hex"))],
  ["more text than any header holds", "A".repeat(MESSAGE_ID_TEXT_MAX + 1)],
  ["text outside ASCII", "AQIAB\u00c4"],
] as const) {
  test(`an id is refused: ${what}`, () => assert.equal(decodeMessageId(text), undefined));
}

const offset = fc.oneof(fc.constant(-2), fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

test("every progress is read back as it was written", () => {
  fc.assert(
    fc.property(fc.array(offset, { maxLength: 300 }), (progress) => {
      const position = new Map(progress.map((next, partition) => [partition, next]));
      assert.deepEqual(decodeMessageId(base64(encodeMessageId(progress))), position);
    }),
  );
});

test("no text makes the decoder throw", () => {
  fc.assert(fc.property(fc.string(), (text) => void decodeMessageId(text)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeMessageId(base64(bytes))));
});

test("an appended id leaves the value as it was", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(offset, { maxLength: 20 }), (value, progress) => {
      const message = appendMessageId(value, messageIdTag(32767), progress);
      const id = encodeMessageId(progress);
      assert.deepEqual(message.subarray(0, value.length), value);
      assert.deepEqual(message.subarray(message.length - id.length), id);
      assert.deepEqual(message.subarray(value.length, value.length + 3), messageIdTag(32767));
    }),
  );
});
