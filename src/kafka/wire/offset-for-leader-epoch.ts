// OffsetForLeaderEpoch (key 23), versions 3 and 4: where an epoch ended, asked after a change of leader to see whether what was read still
// stands (KIP-320).
import { type Encoding, Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export const OFFSET_FOR_LEADER_EPOCH_KEY = 23;
export const OFFSET_FOR_LEADER_EPOCH_VERSIONS = { min: 3, max: 4 } as const;

const CONSUMER = -1;
const encodingOf = (version: number): Encoding => (version >= 4 ? "flexible" : "classic");

export interface EpochPartition {
  readonly partition: number;
  /** The leader's, as metadata gave it; -1 when not known. */
  readonly currentLeaderEpoch: number;
  /** The epoch asked about: the last record's. */
  readonly leaderEpoch: number;
}

export type EpochRequest = readonly { readonly topic: string; readonly partitions: readonly EpochPartition[] }[];

/** The body, after the request header. */
export const encodeOffsetForLeaderEpoch = (topics: EpochRequest, version: number): readonly Uint8Array[] =>
  new Writer(encodingOf(version))
    .int32(CONSUMER)
    .array(topics, ({ topic, partitions }, to) =>
      to
        .string(topic)
        .array(partitions, (one) => to.int32(one.partition).int32(one.currentLeaderEpoch).int32(one.leaderEpoch).noTags())
        .noTags(),
    )
    .noTags()
    .pieces();

export interface EpochEnd {
  readonly partition: number;
  readonly errorCode: number;
  /** The newest epoch up to the one asked about; -1 when there is none. */
  readonly leaderEpoch: number;
  /** One after its last offset; -1 when there is none. */
  readonly endOffset: number;
}

export interface EpochResponse {
  readonly throttleMs: number;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly EpochEnd[] }[];
}

/** `bytes` is the body, after the response header. Throws a WireError. */
export const decodeOffsetForLeaderEpoch = (bytes: Uint8Array, version: number): EpochResponse => {
  const from = new Reader(bytes, encodingOf(version));
  const throttleMs = from.int32();
  const topics = from.array(() => {
    const topic = { topic: from.string(), partitions: from.array(readEnd) };
    from.tags();
    return topic;
  });
  from.tags();
  return { throttleMs, topics };
};

const readEnd = (from: Reader): EpochEnd => {
  const errorCode = from.int16();
  const end = { partition: from.int32(), errorCode, leaderEpoch: from.int32(), endOffset: from.int64() };
  from.tags();
  return end;
};
