// A message is built once a record, however many get it, and no more are kept than are allowed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { IdentifiedMessages, KEPT_BYTES_MAX } from "../../../src/bindings/grpc-kafka/identified-messages.ts";
import { messageIdTag } from "../../../src/exchange/message-id.ts";
import { MemoryRecord } from "../../kit/memory-topic.ts";

const recordOf = (value: Uint8Array | null, offset: number): MemoryRecord =>
  new MemoryRecord({ key: null, value, headers: [] }, { topic: "t", partition: 0, offset, timestampMs: 0, progress: [offset + 1] });

test("all callers of a record get the same bytes", () => {
  const messages = new IdentifiedMessages(messageIdTag(32767));
  const record = recordOf(new Uint8Array([1]), 0);
  const built = messages.of(record);
  assert.ok(messages.of(record) === built);
  assert.ok(built !== messages.of(recordOf(new Uint8Array([1]), 1)));
});

test("a record that was pushed out is built again, and the same", () => {
  const messages = new IdentifiedMessages(messageIdTag(32767));
  const first = recordOf(new Uint8Array([1]), 0);
  const built = messages.of(first);
  const megabyte = new Uint8Array(1024 * 1024);
  for (let offset = 1; offset <= (3 * KEPT_BYTES_MAX) / megabyte.length; offset++) messages.of(recordOf(megabyte, offset));
  assert.ok(messages.of(first) !== built);
  assert.deepEqual(messages.of(first), built);
});
