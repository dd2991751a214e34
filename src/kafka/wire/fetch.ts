// Fetch (key 1), versions 11 to 17: sessions (KIP-227), leader epochs (KIP-320, KIP-595), followers by rack (KIP-392), from 13 topics by
// id (KIP-516). The records of a response are views of its bytes; decode-batch reads them.
import { type CurrentLeader, type NodeEndpoint, readCurrentLeader, readNodeEndpoints } from "./produce.ts";
import { type Encoding, Reader } from "./reader.ts";
import type { AbortedTransaction } from "./transactions.ts";
import { Writer } from "./writer.ts";

export const FETCH_KEY = 1;
export const FETCH_VERSIONS = { min: 11, max: 17 } as const;
/** From here on the headers of requests and responses are flexible as well. */
export const FETCH_FLEXIBLE_FROM = 12;
/** From here on a topic's name is not looked at, nor sent back. */
export const FETCH_TOPIC_IDS_FROM = 13;
/** From here on the first field, which tells replicas from consumers, is gone. */
const NO_REPLICA_ID_FROM = 15;

export interface FetchTopic {
  readonly topic: string;
  /** With hyphens, as metadata gives it; wanted from version 13 on. */
  readonly topicId: string;
}

export interface FetchPartition {
  readonly partition: number;
  /** -1 when not known. */
  readonly leaderEpoch: number;
  readonly offset: number;
  /** Of the last record read; -1 when none was. */
  readonly lastFetchedEpoch: number;
  readonly bytesMax: number;
}

export interface FetchRequest {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolation: "read_committed" | "read_uncommitted";
  /** 0 and epoch 0 ask for a session, 0 and epoch -1 for none. */
  readonly session: { readonly id: number; readonly epoch: number };
  readonly topics: readonly (FetchTopic & { readonly partitions: readonly FetchPartition[] })[];
  /** To be left out of the session from now on. */
  readonly forgotten: readonly (FetchTopic & { readonly partitions: readonly number[] })[];
  /** "" for none. */
  readonly rack: string;
}

export const NO_SESSION = { id: 0, epoch: -1 } as const;

const encodingOf = (version: number): Encoding => (version >= FETCH_FLEXIBLE_FROM ? "flexible" : "classic");

/** The body, after the request header. */
export const encodeFetch = (request: FetchRequest, version: number): readonly Uint8Array[] => {
  const to = new Writer(encodingOf(version));
  if (version < NO_REPLICA_ID_FROM) to.int32(-1);
  const named = ({ topic, topicId }: FetchTopic): Writer => (version >= FETCH_TOPIC_IDS_FROM ? to.uuid(topicId) : to.string(topic));
  return to
    .int32(request.maxWaitMs)
    .int32(request.minBytes)
    .int32(request.maxBytes)
    .int8(request.isolation === "read_committed" ? 1 : 0)
    .int32(request.session.id)
    .int32(request.session.epoch)
    .array(request.topics, (topic) => {
      named(topic);
      to.array(topic.partitions, (partition) => writePartition(to, partition)).noTags();
    })
    .array(request.forgotten, (topic) => {
      named(topic);
      to.array(topic.partitions, (partition) => to.int32(partition)).noTags();
    })
    .string(request.rack)
    .noTags()
    .pieces();
};

const writePartition = (to: Writer, { partition, leaderEpoch, offset, lastFetchedEpoch, bytesMax }: FetchPartition): void => {
  to.int32(partition).int32(leaderEpoch).int64(offset);
  if (to.encoding === "flexible") to.int32(lastFetchedEpoch);
  to.int64(-1).int32(bytesMax).noTags();
};

export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The broker to read from instead; -1 for none. */
  readonly preferredReadReplica: number;
  /** Views; for decodeBatches. Null and empty are the same. */
  readonly records: Uint8Array;
  /** The log was truncated: the end of the newest epoch up to the one asked with. */
  readonly divergingEpoch?: { readonly epoch: number; readonly endOffset: number };
  readonly currentLeader?: CurrentLeader;
}

export interface FetchedTopic {
  /** "" from version 13 on. */
  readonly topic: string;
  /** "" before version 13. */
  readonly topicId: string;
  readonly partitions: readonly FetchedPartition[];
}

export interface FetchResponse {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly topics: readonly FetchedTopic[];
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

const NO_RECORDS = new Uint8Array(0);

/** `bytes` is the body, after the response header. Throws a WireError. */
export const decodeFetch = (bytes: Uint8Array, version: number): FetchResponse => {
  const from = new Reader(bytes, encodingOf(version));
  const head = { throttleMs: from.int32(), errorCode: from.int16(), sessionId: from.int32() };
  const byId = version >= FETCH_TOPIC_IDS_FROM;
  const topics = from.array((): FetchedTopic => {
    const topic = byId ? { topic: "", topicId: from.uuid() } : { topic: from.string(), topicId: "" };
    const partitions = from.array(readPartition);
    from.tags();
    return { ...topic, partitions };
  });
  let nodeEndpoints: readonly NodeEndpoint[] = [];
  from.tags((tag, field) => {
    if (tag === 0) nodeEndpoints = readNodeEndpoints(field);
  });
  return { ...head, topics, nodeEndpoints };
};

const readPartition = (from: Reader): FetchedPartition => {
  const partition: FetchedPartition = {
    partition: from.int32(),
    errorCode: from.int16(),
    highWatermark: from.int64(),
    lastStableOffset: from.int64(),
    logStartOffset: from.int64(),
    aborted: from.array(readAborted),
    preferredReadReplica: from.int32(),
    records: from.nullableBytes() ?? NO_RECORDS,
  };
  let more: Pick<FetchedPartition, "divergingEpoch" | "currentLeader"> = {};
  from.tags((tag, field) => {
    if (tag === 0) more = { ...more, divergingEpoch: { epoch: field.int32(), endOffset: field.int64() } };
    if (tag === 1) more = { ...more, currentLeader: readCurrentLeader(field) };
  });
  return { ...partition, ...more };
};

const readAborted = (from: Reader): AbortedTransaction => {
  const aborted = { producerId: from.int64(), firstOffset: from.int64() };
  from.tags();
  return aborted;
};
