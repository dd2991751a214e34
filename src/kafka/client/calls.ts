// What is asked of a broker now and then, as plain values: cluster metadata, offsets, ids, configurations. Errors are Kafka's codes.
import { type Api, decodeResponse, encodeRequest, encodingOf } from "../wire/api/api.ts";
import {
  decodeListOffsets,
  encodeListOffsets,
  LIST_OFFSETS_FLEXIBLE_FROM,
  LIST_OFFSETS_KEY,
  LIST_OFFSETS_VERSIONS,
  type ListedOffset,
  type ListOffsetsPartition,
} from "../wire/list-offsets.ts";
import {
  decodeOffsetForLeaderEpoch,
  type EpochPartition,
  encodeOffsetForLeaderEpoch,
  OFFSET_FOR_LEADER_EPOCH_KEY,
  OFFSET_FOR_LEADER_EPOCH_VERSIONS,
} from "../wire/offset-for-leader-epoch.ts";
import type { Broker } from "./brokers.ts";
import { loadLibrary } from "./library.ts";
import type { Frame, Link } from "./link.ts";

export interface PartitionView {
  /** -1: none at present. */
  readonly leader: number;
  readonly leaderEpoch: number;
}
export interface TopicView {
  readonly name: string;
  readonly id: string;
  /** A Kafka error code; then there are no partitions. */
  readonly error: number;
  /** By index. */
  readonly partitions: readonly PartitionView[];
}
export interface ClusterView {
  readonly brokers: readonly Broker[];
  readonly topics: readonly TopicView[];
}

/** Never creates a topic. */
export const askMetadata = async (link: Link, names: readonly string[]): Promise<ClusterView> => {
  const { metadataV12 } = await loadLibrary();
  const answer = await link.call([metadataV12.api], [...names], false, false);
  return {
    brokers: answer.brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })),
    topics: answer.topics.map(({ name, topicId, errorCode, partitions }) => ({
      name: name ?? "",
      id: topicId,
      error: errorCode,
      partitions: partitions
        .toSorted((a, b) => a.partitionIndex - b.partitionIndex)
        .map(({ leaderId, leaderEpoch }) => ({ leader: leaderId, leaderEpoch })),
    })),
  };
};

/** Sends a request in our own codec, for those who may wait. */
export const ask = <R>(link: Link, frame: Frame<R>): Promise<R> =>
  new Promise((resolve, reject) => {
    link.send(frame, (error, answer) => {
      if (error || answer === undefined) reject(error ?? new Error("no answer"));
      else resolve(answer);
    });
  });

/** Asks by a table of the protocol, at the newest of its versions that the broker speaks. Rejects with UnsupportedVersion where there is none. */
export const askApi = async <Request, Response>(link: Link, api: Api<Request, Response>, request: Request): Promise<Response> => {
  const { key, name, versions } = api;
  const version = link.version(key, name, [versions.min, versions.max]);
  return await ask(link, {
    apiKey: key,
    version,
    flexible: encodingOf(api, version) === "flexible",
    pieces: encodeRequest(api, request, version),
    decode: (bytes) => decodeResponse(api, bytes, version),
  });
};

export interface OffsetsAsked {
  readonly topic: string;
  readonly isolation: "read_committed" | "read_uncommitted";
  readonly partitions: readonly ListOffsetsPartition[];
}

/** Of partitions that the broker leads. */
export const askOffsets = async (link: Link, { topic, isolation, partitions }: OffsetsAsked): Promise<readonly ListedOffset[]> => {
  const { min, max } = LIST_OFFSETS_VERSIONS;
  const version = link.version(LIST_OFFSETS_KEY, "ListOffsets", [min, max]);
  const { topics } = await ask(link, {
    apiKey: LIST_OFFSETS_KEY,
    version,
    flexible: version >= LIST_OFFSETS_FLEXIBLE_FROM,
    pieces: encodeListOffsets({ isolation, topics: [{ topic, partitions }] }, version),
    decode: (bytes) => decodeListOffsets(bytes, version),
  });
  return topics[0]?.partitions ?? [];
};

/** Where the records of an epoch end, as the leader knows it; -1 when it does not. */
export const askEpochEnd = async (
  link: Link,
  topic: string,
  partition: EpochPartition,
): Promise<{ readonly error: number; readonly endOffset: number }> => {
  const { min, max } = OFFSET_FOR_LEADER_EPOCH_VERSIONS;
  const version = link.version(OFFSET_FOR_LEADER_EPOCH_KEY, "OffsetForLeaderEpoch", [min, max]);
  const { topics } = await ask(link, {
    apiKey: OFFSET_FOR_LEADER_EPOCH_KEY,
    version,
    flexible: version >= max,
    pieces: encodeOffsetForLeaderEpoch([{ topic, partitions: [partition] }], version),
    decode: (bytes) => decodeOffsetForLeaderEpoch(bytes, version),
  });
  const found = topics[0]?.partitions[0];
  return { error: found?.errorCode ?? -1, endOffset: found?.endOffset ?? -1 };
};

export interface ProducerIdentity {
  readonly id: number;
  readonly epoch: number;
}

export const askProducerId = async (link: Link): Promise<{ readonly error: number } & ProducerIdentity> => {
  const { initProducerIdV4 } = await loadLibrary();
  const answer = await link.call([initProducerIdV4.api], null, 0, -1n, -1);
  return { error: answer.errorCode, id: Number(answer.producerId), epoch: answer.producerEpoch };
};

const TOPIC_RESOURCE = 2 as const;

/** The topic's `max.message.bytes`; undefined where the broker does not tell (we may not ask, or it is no topic). */
export const askMessageBytesMax = async (link: Link, topic: string): Promise<number | undefined> => {
  const { describeConfigsV4 } = await loadLibrary();
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: ["max.message.bytes"] }];
  const answer = await link.call([describeConfigsV4.api], resources, false, false);
  const value = Number(answer.results[0]?.configs[0]?.value ?? Number.NaN);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
};
