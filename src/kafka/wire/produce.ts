// Produce (key 0), versions 9 to 12: topics by name. Request bodies come as pieces, so that the records' batches are not copied.
import type { EncodedBatch } from "./encode-batch.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export const PRODUCE_KEY = 0;
/** Version 9 is the first flexible one; 10 tells of a new leader (KIP-951). */
export const PRODUCE_VERSIONS = { min: 9, max: 12 } as const;

export interface ProducePartition {
  readonly partition: number;
  readonly batch: EncodedBatch;
}

export interface ProduceRequest {
  /** 0 none (the broker then sends no response), 1 the leader's, -1 all in sync. */
  readonly acks: 0 | 1 | -1;
  readonly timeoutMs: number;
  readonly transactionalId?: string;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly ProducePartition[] }[];
}

/** The body, after the request header. */
export const encodeProduce = ({ acks, timeoutMs, transactionalId, topics }: ProduceRequest): readonly Uint8Array[] =>
  new Writer("flexible")
    .nullableString(transactionalId ?? null)
    .int16(acks)
    .int32(timeoutMs)
    .array(topics, ({ topic, partitions }, to) =>
      to
        .string(topic)
        .array(partitions, ({ partition, batch }) => {
          to.int32(partition).bytesLength(batch.bytes);
          for (const piece of batch.pieces) to.raw(piece);
          to.noTags();
        })
        .noTags(),
    )
    .noTags()
    .pieces();

/** A record at fault, by its place in the batch: the others were refused because of it. */
export interface RecordError {
  readonly index: number;
  readonly message: string | null;
}

/** A leader that the broker names when it is not the one; -1 where it does not say. */
export interface CurrentLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface ProducedPartition {
  readonly partition: number;
  readonly errorCode: number;
  /** -1 after an error. */
  readonly baseOffset: number;
  /** -1 where the topic keeps the producer's timestamps. */
  readonly appendTimestampMs: number;
  readonly logStartOffset: number;
  readonly recordErrors: readonly RecordError[];
  readonly errorMessage: string | null;
  readonly currentLeader?: CurrentLeader;
}

/** A broker named beside a `CurrentLeader`. */
export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface ProduceResponse {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly ProducedPartition[] }[];
  readonly throttleMs: number;
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

/** `bytes` is the body, after the response header. Throws a WireError. */
export const decodeProduce = (bytes: Uint8Array): ProduceResponse => {
  const from = new Reader(bytes, "flexible");
  const topics = from.array(() => {
    const topic = { topic: from.string(), partitions: from.array(producedPartition) };
    from.tags();
    return topic;
  });
  const throttleMs = from.int32();
  let nodeEndpoints: readonly NodeEndpoint[] = [];
  from.tags((tag, field) => {
    if (tag === 0) nodeEndpoints = readNodeEndpoints(field);
  });
  return { topics, throttleMs, nodeEndpoints };
};

const producedPartition = (from: Reader): ProducedPartition => {
  const partition: ProducedPartition = {
    partition: from.int32(),
    errorCode: from.int16(),
    baseOffset: from.int64(),
    appendTimestampMs: from.int64(),
    logStartOffset: from.int64(),
    recordErrors: from.array(recordError),
    errorMessage: from.nullableString(),
  };
  let currentLeader: CurrentLeader | undefined;
  from.tags((tag, field) => {
    if (tag === 0) currentLeader = readCurrentLeader(field);
  });
  return currentLeader ? { ...partition, currentLeader } : partition;
};

const recordError = (from: Reader): RecordError => {
  const error = { index: from.int32(), message: from.nullableString() };
  from.tags();
  return error;
};

/** The tagged field of Produce and Fetch responses (KIP-951). */
export const readCurrentLeader = (field: Reader): CurrentLeader => ({ leaderId: field.int32(), leaderEpoch: field.int32() });

/** The tagged field of Produce and Fetch responses (KIP-951). */
export const readNodeEndpoints = (field: Reader): readonly NodeEndpoint[] =>
  field.array(() => {
    const endpoint = { nodeId: field.int32(), host: field.string(), port: field.int32(), rack: field.nullableString() };
    field.tags();
    return endpoint;
  });
