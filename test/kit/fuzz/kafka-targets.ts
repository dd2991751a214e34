// What of the Kafka codec is given damaged bytes.
import { concat } from "../../../src/core/bytes.ts";
import { compress, compressionBits, decompress } from "../../../src/kafka/wire/compression.ts";
import { crc32c } from "../../../src/kafka/wire/crc32c.ts";
import { decodeBatches } from "../../../src/kafka/wire/decode-batch.ts";
import { encodeBatch } from "../../../src/kafka/wire/encode-batch.ts";
import { WireError } from "../../../src/kafka/wire/reader.ts";
import { ATTRIBUTES_AT, CRC_AT, RECORDS_AT } from "../../../src/kafka/wire/record-batch.ts";
import type { FuzzTarget } from "./http2-targets.ts";

const CODECS = ["gzip", "snappy", "lz4", "zstd"] as const;
const BYTES_MAX = 262_144;

const RECORDS = [
  { key: Buffer.from("key"), value: Buffer.from("value"), headers: [{ name: "zilla:correlation-id", value: Buffer.from("1") }] },
  { key: null, value: null, headers: [] },
  {
    key: null,
    value: Buffer.alloc(300, 0x61),
    headers: [
      { name: "meta:x", value: null },
      { name: "", value: Buffer.alloc(0) },
    ],
  },
];
const batch = (compression?: (typeof CODECS)[number]): Buffer =>
  Buffer.from(concat(encodeBatch(RECORDS, { timestampMs: 1_000, ...(compression ? { compression } : {}) }).pieces));

/** Reads all there is to read of each record. */
const readAll = (bytes: Buffer): void => {
  for (const each of decodeBatches(bytes, { topic: "t", partition: 0, decompressedBytesMax: BYTES_MAX }).batches) {
    if (each.kind !== "batch") continue;
    for (const record of each.records) {
      let bytesRead = (record.key?.length ?? 0) + (record.value?.length ?? 0);
      record.eachHeader((name, value) => {
        bytesRead += name.length + (value?.length ?? 0);
        record.header(name);
      });
      if (bytesRead > BYTES_MAX) throw new Error("a record is larger than its batch");
    }
  }
};

const batches: FuzzTarget = {
  name: "record batches",
  seeds: [batch(), Buffer.concat([batch(), batch()]), ...CODECS.map(batch)],
  run(bytes) {
    readAll(bytes);
    if (bytes.length < RECORDS_AT) return;
    // And once more as if whoever wrote it had meant it.
    const meant = Buffer.from(bytes);
    meant.writeUInt32BE(crc32c(meant.subarray(ATTRIBUTES_AT)), CRC_AT);
    readAll(meant);
  },
};

const PLAIN = Buffer.from("a reply, a reply, another reply. ".repeat(20));

const codecs: readonly FuzzTarget[] = CODECS.map((codec) => ({
  name: codec,
  seeds: [Buffer.from(compress(codec, PLAIN)), Buffer.from(compress(codec, Buffer.alloc(2_000)))],
  run(bytes) {
    try {
      const plain = decompress(compressionBits(codec), bytes, BYTES_MAX);
      if (plain.length > BYTES_MAX) throw new Error("more came out than is allowed");
    } catch (reason) {
      if (!(reason instanceof WireError)) throw reason;
    }
  },
}));

export const KAFKA_TARGETS = [batches, ...codecs] as const;
