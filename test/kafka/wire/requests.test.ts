// Requests against the library's own encoders, and responses as bytes written out by hand from the protocol's schemas.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as library from "@platformatic/kafka";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { encodeBatch } from "../../../src/kafka/wire/encode-batch.ts";
import { decodeFetch, encodeFetch, type FetchRequest, NO_SESSION } from "../../../src/kafka/wire/fetch.ts";
import { decodeListOffsets, encodeListOffsets } from "../../../src/kafka/wire/list-offsets.ts";
import { decodeOffsetForLeaderEpoch, encodeOffsetForLeaderEpoch } from "../../../src/kafka/wire/offset-for-leader-epoch.ts";
import { decodeProduce, encodeProduce } from "../../../src/kafka/wire/produce.ts";
import { WireError } from "../../../src/kafka/wire/reader.ts";
import { Writer } from "../../../src/kafka/wire/writer.ts";
import { sound, TIME_MS } from "./batches.ts";

const hex = (pieces: readonly Uint8Array[]): string => Buffer.from(concat(pieces)).toString("hex");
const TOPIC_ID = "01234567-89ab-cdef-0123-456789abcdef";

for (const [version, api] of [
  [9, library.produceV9],
  [10, library.produceV10],
  [11, library.produceV11],
] as const)
  test(`Produce v${version} is the library's, byte for byte`, () => {
    const records = [{ key: utf8("k"), value: new Uint8Array(5_000).fill(1), headers: [] }];
    const batch = encodeBatch(records, { timestampMs: TIME_MS, producer: { id: -1, epoch: 0, sequence: 0 } });
    const ours = encodeProduce({ acks: -1, timeoutMs: 30_000, topics: [{ topic: "requests", partitions: [{ partition: 2, batch }] }] });
    const message = {
      topic: "requests",
      partition: 2,
      key: Buffer.from("k"),
      value: Buffer.from(records[0]!.value),
      timestamp: BigInt(TIME_MS),
    };
    const theirs = api.createRequest(-1, 30_000, [message], { partitionLeaderEpoch: -1 } as never);
    assert.equal(hex(ours), theirs.buffer.toString("hex"));
    assert.ok(ours.includes(records[0]!.value));
  });

const FETCH: FetchRequest = {
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: 1 << 20,
  isolation: "read_committed",
  session: { id: 77, epoch: 3 },
  topics: [
    {
      topic: "replies",
      topicId: TOPIC_ID,
      partitions: [{ partition: 1, leaderEpoch: 4, offset: 2 ** 40 + 5, lastFetchedEpoch: 3, bytesMax: 65_536 }],
    },
  ],
  forgotten: [{ topic: "gone", topicId: TOPIC_ID, partitions: [0, 2] }],
  rack: "r1",
};

const FETCHES = {
  11: library.fetchV11,
  12: library.fetchV12,
  13: library.fetchV13,
  14: library.fetchV14,
  15: library.fetchV15,
  16: library.fetchV16,
  17: library.fetchV17,
};
for (const [version, { createRequest }] of Object.entries(FETCHES))
  test(`Fetch v${version} is the library's, byte for byte`, () => {
    const partitions = [
      { partition: 1, currentLeaderEpoch: 4, fetchOffset: 2n ** 40n + 5n, lastFetchedEpoch: 3, partitionMaxBytes: 65_536 },
    ];
    const topics = [{ topic: "replies", name: "replies", topicId: Number(version) < 13 ? "replies" : TOPIC_ID, partitions }];
    const forgotten = [{ topic: Number(version) < 13 ? "gone" : TOPIC_ID, partitions: [0, 2] }];
    const theirs = createRequest(500, 1, 1 << 20, 1, 77, 3, topics as never, forgotten as never, "r1");
    assert.equal(hex(encodeFetch(FETCH, Number(version))), theirs.buffer.toString("hex"));
  });

for (const [version, api] of [
  [6, library.listOffsetsV6],
  [9, library.listOffsetsV9],
] as const)
  test(`ListOffsets v${version} is the library's, byte for byte`, () => {
    const theirs = api.createRequest(-1, 1, [{ name: "t", partitions: [{ partitionIndex: 3, currentLeaderEpoch: 2, timestamp: -2n }] }]);
    const ours = encodeListOffsets(
      { isolation: "read_committed", topics: [{ topic: "t", partitions: [{ partition: 3, leaderEpoch: 2, timestampMs: -2 }] }] },
      version,
    );
    assert.equal(hex(ours), theirs.buffer.toString("hex"));
  });

for (const [version, api] of [
  [3, library.offsetForLeaderEpochV3],
  [4, library.offsetForLeaderEpochV4],
] as const)
  test(`OffsetForLeaderEpoch v${version} is the library's, byte for byte`, () => {
    const theirs = api.createRequest(-1, [
      { name: "t", partitions: [{ partitionIndex: 1, currentLeaderEpoch: 9, leaderEpoch: 8 }] },
    ] as never);
    const ours = encodeOffsetForLeaderEpoch(
      [{ topic: "t", partitions: [{ partition: 1, currentLeaderEpoch: 9, leaderEpoch: 8 }] }],
      version,
    );
    assert.equal(hex(ours), theirs.buffer.toString("hex"));
  });

const bytesOf = (write: (to: Writer) => void, encoding: "classic" | "flexible" = "flexible"): Uint8Array => {
  const to = new Writer(encoding);
  write(to);
  return concat(to.pieces());
};

/** A tagged field as it stands on the wire. */
const tagged = (to: Writer, tag: number, write: (field: Writer) => void): Writer => {
  const field = bytesOf(write);
  return to.uvarint(tag).uvarint(field.length).raw(field);
};

test("a Produce response is read with its errors, its new leader and where that is", () => {
  const bytes = bytesOf((to) => {
    to.array([0], () => {
      to.string("requests").array([0], () => {
        to.int32(2)
          .int16(6)
          .int64(-1)
          .int64(-1)
          .int64(2 ** 33);
        to.array([0], () => to.int32(4).nullableString("too large").noTags());
        to.nullableString("not the leader").uvarint(1);
        tagged(to, 0, (field) => field.int32(5).int32(12));
      });
      to.noTags();
    });
    to.int32(250).uvarint(1);
    tagged(to, 0, (field) => field.array([0], () => field.int32(5).string("broker-5").int32(9_092).nullableString(null).noTags()));
  });
  assert.deepEqual(decodeProduce(bytes), {
    topics: [
      {
        topic: "requests",
        partitions: [
          {
            partition: 2,
            errorCode: 6,
            baseOffset: -1,
            appendTimestampMs: -1,
            logStartOffset: 2 ** 33,
            recordErrors: [{ index: 4, message: "too large" }],
            errorMessage: "not the leader",
            currentLeader: { leaderId: 5, leaderEpoch: 12 },
          },
        ],
      },
    ],
    throttleMs: 250,
    nodeEndpoints: [{ nodeId: 5, host: "broker-5", port: 9_092, rack: null }],
  });
});

const fetched = (version: number, records: Uint8Array | null): Uint8Array =>
  bytesOf(
    (to) => {
      const flexible = version >= 12;
      to.int32(9).int16(0).int32(77);
      to.array([0], () => {
        if (version >= 13) to.uuid(TOPIC_ID);
        else to.string("replies");
        to.array([0], () => {
          to.int32(1).int16(1).int64(200).int64(190).int64(10);
          to.array([0], () => to.int64(4_000).int64(150).noTags()).int32(-1);
          if (records) to.bytesLength(records.length).raw(records);
          else if (flexible) to.uvarint(0);
          else to.int32(-1);
          if (!flexible) return;
          to.uvarint(3);
          tagged(to, 0, (field) => field.int32(3).int64(120));
          tagged(to, 1, (field) => field.int32(2).int32(5));
          tagged(to, 2, (field) => field.int64(1).int32(1));
        });
        to.noTags();
      });
      if (version < 16) {
        to.noTags();
        return;
      }
      to.uvarint(1);
      tagged(to, 0, (field) => field.array([0], () => field.int32(2).string("broker-2").int32(9_092).nullableString("r2").noTags()));
    },
    version >= 12 ? "flexible" : "classic",
  );

for (let version = 11; version <= 17; version++)
  test(`a Fetch v${version} response is read`, () => {
    const batch = concat(encodeBatch([{ key: null, value: utf8("v"), headers: [] }], { timestampMs: TIME_MS }).pieces);
    const { topics, nodeEndpoints, ...head } = decodeFetch(fetched(version, batch), version);
    assert.deepEqual(head, { throttleMs: 9, errorCode: 0, sessionId: 77 });
    const [topic] = topics;
    const [{ records, ...partition }] = topic!.partitions as [(typeof topics)[0]["partitions"][0]];
    assert.deepEqual([topic!.topic, topic!.topicId], version >= 13 ? ["", TOPIC_ID] : ["replies", ""]);
    assert.deepEqual(partition, {
      partition: 1,
      errorCode: 1,
      highWatermark: 200,
      lastStableOffset: 190,
      logStartOffset: 10,
      aborted: [{ producerId: 4_000, firstOffset: 150 }],
      preferredReadReplica: -1,
      ...(version >= 12 ? { divergingEpoch: { epoch: 3, endOffset: 120 }, currentLeader: { leaderId: 2, leaderEpoch: 5 } } : {}),
    });
    assert.equal(sound(records)[0]!.records.length, 1);
    assert.equal(nodeEndpoints.length, version >= 16 ? 1 : 0);
    assert.equal(decodeFetch(fetched(version, null), version).topics[0]!.partitions[0]!.records.length, 0);
  });

test("a response that is cut off is refused wherever it is cut", () => {
  const whole = fetched(16, utf8("records"));
  for (let cut = 0; cut < whole.length; cut++) assert.throws(() => decodeFetch(whole.subarray(0, cut), 16), WireError);
});

test("ListOffsets responses are read, classic and flexible", () => {
  for (const version of [5, 9]) {
    const bytes = bytesOf(
      (to) => {
        to.int32(1).array([0], () => {
          to.string("t")
            .array([0], () =>
              to
                .int32(3)
                .int16(0)
                .int64(TIME_MS)
                .int64(2 ** 35)
                .int32(6)
                .noTags(),
            )
            .noTags();
        });
        to.noTags();
      },
      version >= 6 ? "flexible" : "classic",
    );
    const [topic] = decodeListOffsets(bytes, version).topics;
    assert.deepEqual(topic, {
      topic: "t",
      partitions: [{ partition: 3, errorCode: 0, timestampMs: TIME_MS, offset: 2 ** 35, leaderEpoch: 6 }],
    });
  }
});

test("OffsetForLeaderEpoch responses are read, classic and flexible", () => {
  for (const version of [3, 4]) {
    const bytes = bytesOf(
      (to) => {
        to.int32(1).array([0], () => {
          to.string("t")
            .array([0], () => to.int16(74).int32(3).int32(6).int64(99).noTags())
            .noTags();
        });
        to.noTags();
      },
      version >= 4 ? "flexible" : "classic",
    );
    const [topic] = decodeOffsetForLeaderEpoch(bytes, version).topics;
    assert.deepEqual(topic, { topic: "t", partitions: [{ partition: 3, errorCode: 74, leaderEpoch: 6, endOffset: 99 }] });
  }
});

test("a request without a session asks for none", () => {
  const bytes = concat(encodeFetch({ ...FETCH, session: NO_SESSION, topics: [], forgotten: [], rack: "" }, 16));
  assert.equal(Buffer.from(bytes).toString("hex"), "000001f4000000010010000001" + "00000000ffffffff" + "01010100");
});
