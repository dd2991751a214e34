// ListOffsets (key 2), versions 5 to 9: the first and last offsets of partitions, and the first at or after a time.
import { type Encoding, Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export const LIST_OFFSETS_KEY = 2;
export const LIST_OFFSETS_VERSIONS = { min: 5, max: 9 } as const;
export const LIST_OFFSETS_FLEXIBLE_FROM = 6;

/** In place of a timestamp. */
export const EARLIEST = -2;
/** In place of a timestamp; with read_committed the last stable offset. */
export const LATEST = -1;

const CONSUMER = -1;
const encodingOf = (version: number): Encoding => (version >= LIST_OFFSETS_FLEXIBLE_FROM ? "flexible" : "classic");

export interface ListOffsetsPartition {
  readonly partition: number;
  /** -1 when not known. */
  readonly leaderEpoch: number;
  /** Unix milliseconds, EARLIEST or LATEST. */
  readonly timestampMs: number;
}

export interface ListOffsetsRequest {
  readonly isolation: "read_committed" | "read_uncommitted";
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly ListOffsetsPartition[] }[];
}

/** The body, after the request header. */
export const encodeListOffsets = ({ isolation, topics }: ListOffsetsRequest, version: number): readonly Uint8Array[] =>
  new Writer(encodingOf(version))
    .int32(CONSUMER)
    .int8(isolation === "read_committed" ? 1 : 0)
    .array(topics, ({ topic, partitions }, to) =>
      to
        .string(topic)
        .array(partitions, (one) => to.int32(one.partition).int32(one.leaderEpoch).int64(one.timestampMs).noTags())
        .noTags(),
    )
    .noTags()
    .pieces();

export interface ListedOffset {
  readonly partition: number;
  readonly errorCode: number;
  readonly timestampMs: number;
  /** -1 when no record is at or after the time. */
  readonly offset: number;
  readonly leaderEpoch: number;
}

export interface ListOffsetsResponse {
  readonly throttleMs: number;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly ListedOffset[] }[];
}

/** `bytes` is the body, after the response header. Throws a WireError. */
export const decodeListOffsets = (bytes: Uint8Array, version: number): ListOffsetsResponse => {
  const from = new Reader(bytes, encodingOf(version));
  const throttleMs = from.int32();
  const topics = from.array(() => {
    const topic = { topic: from.string(), partitions: from.array(readOffset) };
    from.tags();
    return topic;
  });
  from.tags();
  return { throttleMs, topics };
};

const readOffset = (from: Reader): ListedOffset => {
  const offset = {
    partition: from.int32(),
    errorCode: from.int16(),
    timestampMs: from.int64(),
    offset: from.int64(),
    leaderEpoch: from.int32(),
  };
  from.tags();
  return offset;
};
