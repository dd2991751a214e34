import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "../../../src/kafka/client/consumer-protocol.ts";

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

test("a subscription has the layout that Kafka's own clients read", () => {
  const bytes = encodeSubscription({
    topics: ["ab"],
    owned: [
      { topic: "ab", partition: 3 },
      { topic: "ab", partition: 1 },
    ],
    generation: 7,
  });
  assert.equal(
    Buffer.from(bytes).toString("hex"),
    "0002" + "00000001" + "00026162" + "ffffffff" + "00000001" + "00026162" + "00000002" + "00000001" + "00000003" + "00000007",
  );
});

test("subscriptions of all versions are read, with what each has", () => {
  const topics = "00000001 0001 61";
  const owned = "00000001 0001 61 00000001 00000002";
  const partition = { topic: "a", partition: 2 };
  assert.deepEqual(decodeSubscription(hex(`0000 ${topics} ffffffff`)), { topics: ["a"], owned: [], generation: -1 });
  assert.deepEqual(decodeSubscription(hex(`0001 ${topics} 00000002 0102 ${owned}`)), { topics: ["a"], owned: [partition], generation: -1 });
  assert.deepEqual(decodeSubscription(hex(`0002 ${topics} ffffffff ${owned} 00000005`)), {
    topics: ["a"],
    owned: [partition],
    generation: 5,
  });
  assert.deepEqual(decodeSubscription(hex(`0003 ${topics} ffffffff ${owned} 00000005 0004 7261636b`)), {
    topics: ["a"],
    owned: [partition],
    generation: 5,
  });
});

test("a subscription that cannot be read asks for nothing", () => {
  for (const bytes of ["", "00", "0001 00000001 00ff 61", "0002 7fffffff"])
    assert.deepEqual(decodeSubscription(hex(bytes)), { topics: [], owned: [], generation: -1 });
});

test("an assignment comes back as it was, and no bytes are none", () => {
  const partitions = [
    { topic: "a", partition: 0 },
    { topic: "a", partition: 1 },
    { topic: "b", partition: 9 },
  ];
  assert.deepEqual(decodeAssignment(encodeAssignment(partitions)), partitions);
  assert.deepEqual(decodeAssignment(encodeAssignment([])), []);
  assert.deepEqual(decodeAssignment(new Uint8Array(0)), []);
});
