// A batch in the compression that its topic asks for: head and records stay, only how they are written changes.
import { type Compression, compress, compressionBits } from "../../kafka/wire/compression.ts";
import * as layout from "../../kafka/wire/record-batch.ts";
import { seal, view } from "./batch-facts.ts";
import type { LogConfig } from "./log-config.ts";

/** `records`: of the batch, decompressed. The same batch when it is as the topic asks, else another, sealed. */
export const recompressed = (batch: Uint8Array, records: Uint8Array, { compression }: Pick<LogConfig, "compression">): Uint8Array => {
  if (compression === "producer") return batch;
  const attributes = view(batch).getInt16(layout.ATTRIBUTES_AT);
  const codec = compression === "uncompressed" ? 0 : compressionBits(compression.codec);
  return (attributes & layout.COMPRESSION_MASK) === codec ? batch : rewritten(batch, packed(records, compression), codec);
};

const packed = (records: Uint8Array, compression: "uncompressed" | { readonly codec: Compression; readonly level?: number }): Uint8Array =>
  compression === "uncompressed" ? records : compress(compression.codec, records, compression.level);

const rewritten = (batch: Uint8Array, body: Uint8Array, codec: number): Uint8Array => {
  const written = new Uint8Array(layout.RECORDS_AT + body.length);
  written.set(batch.subarray(0, layout.RECORDS_AT));
  written.set(body, layout.RECORDS_AT);
  const to = view(written);
  const attributes = to.getInt16(layout.ATTRIBUTES_AT);
  to.setInt32(layout.LENGTH_AT, written.length - layout.LENGTH_BEGINS_AT);
  to.setInt16(layout.ATTRIBUTES_AT, (attributes & ~layout.COMPRESSION_MASK) | codec);
  seal(written);
  return written;
};
