import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { factsOf, seal, setInt64, view } from "../../../src/broker/storage/batch-facts.ts";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import { encodeMarker } from "../../../src/broker/storage/markers.ts";
import { checkProduced, RecordsError } from "../../../src/broker/storage/validate.ts";
import { concat } from "../../../src/core/bytes.ts";
import type { KafkaErrorName } from "../../../src/kafka/wire/errors.ts";
import * as layout from "../../../src/kafka/wire/record-batch.ts";
import { batchOf, configOf, NOW_MS } from "./kit.ts";

const judged = (batch: Uint8Array, config: Partial<LogConfig> = {}) =>
  checkProduced(batch, { config: configOf(config), nowMs: NOW_MS }).facts;

/** The batch of two records with something changed, its checksum right again. */
const changed = (change: (to: DataView, batch: Uint8Array) => void, batch = batchOf(["a=1", "b=2"])): Uint8Array => {
  change(view(batch), batch);
  seal(batch);
  return batch;
};

const refuses =
  (what: string, name: KafkaErrorName) =>
  (batch: Uint8Array, config: Partial<LogConfig> = {}): void => {
    test(`${what} is refused with ${name}`, () => assert.throws(() => judged(batch, config), { name }));
  };

refuses("nothing", "INVALID_RECORD")(new Uint8Array(0));
refuses("a piece of a head", "CORRUPT_MESSAGE")(batchOf(["a=1"]).subarray(0, 16));
refuses("a message set of format 1", "INVALID_RECORD")(changed((to) => to.setInt8(layout.MAGIC_AT, 1)));
refuses("a batch that is cut off", "CORRUPT_MESSAGE")(batchOf(["a=1"]).subarray(0, 65));
refuses("a batch that announces less than a head", "CORRUPT_MESSAGE")(changed((to) => to.setInt32(layout.LENGTH_AT, 20)));
refuses("two batches", "INVALID_RECORD")(concat([batchOf(["a=1"]), batchOf(["b=2"])]));
refuses("a base offset", "INVALID_RECORD")(changed((to) => setInt64(to, layout.BASE_OFFSET_AT, 7)));
refuses("a batch larger than max.message.bytes", "MESSAGE_TOO_LARGE")(batchOf(["a=1"]), { messageBytesMax: 60 });
refuses("a batch larger than a segment", "RECORD_LIST_TOO_LARGE")(batchOf(["a=1"]), { segmentBytes: 60 });
refuses(
  "a wrong checksum",
  "CORRUPT_MESSAGE",
)(
  (() => {
    const batch = batchOf(["a=1"]);
    batch[65]! ^= 1;
    return batch;
  })(),
);
refuses("a count that is not that of the offsets", "INVALID_RECORD")(changed((to) => to.setInt32(layout.LAST_OFFSET_DELTA_AT, 5)));
refuses("a last offset before the first", "INVALID_RECORD")(changed((to) => to.setInt32(layout.LAST_OFFSET_DELTA_AT, -1)));
refuses(
  "no records",
  "INVALID_RECORD",
)(
  changed((to) => {
    to.setInt32(layout.COUNT_AT, 0);
    to.setInt32(layout.LAST_OFFSET_DELTA_AT, 0);
  }),
);
refuses("a producer without a sequence", "INVALID_RECORD")(changed((to) => setInt64(to, layout.PRODUCER_ID_AT, 5)));
refuses("a transaction without a producer", "INVALID_RECORD")(changed((to) => to.setInt16(layout.ATTRIBUTES_AT, layout.TRANSACTIONAL)));
refuses("an unknown compression", "UNSUPPORTED_COMPRESSION_TYPE")(changed((to) => to.setInt16(layout.ATTRIBUTES_AT, 6)));
refuses("gzip that is none", "INVALID_RECORD")(changed((to) => to.setInt16(layout.ATTRIBUTES_AT, 1)));
refuses("a record that is longer than the batch", "INVALID_RECORD")(changed((_, batch) => batch.set([0x7e], layout.RECORDS_AT)));
refuses("an offset delta that is out of order", "INVALID_RECORD")(changed((_, batch) => batch.set([2], layout.RECORDS_AT + 3)));
refuses("a record without a key on a compacted topic", "INVALID_RECORD")(batchOf(["a=1", "none"]), {
  cleanup: { delete: false, compact: true },
});
refuses("a record from too far in the future", "INVALID_TIMESTAMP")(batchOf(["a=1"], { timestampMs: NOW_MS + 3_600_001 }));
refuses("a record that is too old", "INVALID_TIMESTAMP")(batchOf(["a=1"], { timestampMs: NOW_MS - 11 }), { timestampBeforeMsMax: 10 });
refuses("a producer's own append time where the topic sets it", "INVALID_TIMESTAMP")(
  changed((to) => to.setInt16(layout.ATTRIBUTES_AT, layout.LOG_APPEND_TIME)),
  { timestamps: "append" },
);

test("a control batch of a client is refused", () => {
  const marker = encodeMarker({ producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: NOW_MS, outcome: "commit" });
  assert.throws(() => judged(marker), { name: "INVALID_RECORD", message: /control/ });
});

test("the faults of single records are told by their place", () => {
  try {
    judged(batchOf(["a=1", "none", "b=2", "nothing"]), { cleanup: { delete: false, compact: true } });
    assert.fail("it was taken");
  } catch (reason) {
    assert.ok(reason instanceof RecordsError);
    assert.deepEqual(
      reason.faults.map(({ index }) => index),
      [1, 3],
    );
  }
});

test("a sound batch is taken as it came, byte for byte", () => {
  for (const batch of [batchOf(["a=1", "b=2"]), batchOf(["a=1"], { compression: "gzip" }), batchOf(["a=1"], { compression: "zstd" })]) {
    const before = new Uint8Array(batch);
    judged(batch);
    assert.deepEqual(new Uint8Array(batch), before);
  }
});

test("compressed records are looked at: one too many is found", () => {
  const batch = batchOf(["a=1", "b=2"]);
  const body = zlib.gzipSync(concat([batch.subarray(layout.RECORDS_AT), Uint8Array.of(0)]));
  const made = new Uint8Array(layout.RECORDS_AT + body.length);
  made.set(batch.subarray(0, layout.RECORDS_AT));
  made.set(body, layout.RECORDS_AT);
  const wrong = changed((to) => {
    to.setInt32(layout.LENGTH_AT, made.length - layout.LENGTH_BEGINS_AT);
    to.setInt16(layout.ATTRIBUTES_AT, 1);
  }, made);
  assert.throws(() => judged(wrong), { name: "INVALID_RECORD" });
});

test("a topic that stamps records sets its time, and the checksum with it", () => {
  const batch = batchOf(["a=1"], { timestampMs: 5 });
  const facts = judged(batch, { timestamps: "append" });
  assert.deepEqual([facts.maxTimestamp, facts.attributes], [NOW_MS, layout.LOG_APPEND_TIME]);
  assert.deepEqual(factsOf(batch), facts);
  seal(batch);
  assert.deepEqual(judged(batchOf(["a=1"], { timestampMs: 5 })).maxTimestamp, 5);
});

test("a largest timestamp that is not the records' is set right", () => {
  const batch = changed((to) => setInt64(to, layout.MAX_TIMESTAMP_AT, 5));
  assert.equal(judged(batch).maxTimestamp, NOW_MS);
});
