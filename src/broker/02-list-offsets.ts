// ListOffsets (2), versions 1 to 11: the offset of a time, or of a mark: the end, the beginning, the largest timestamp. The end that readers
// of committed records are told is the last stable offset. There is no tiered storage: what is local is all, and nothing is tiered.
import { listOffsets as api, type ListOffsetsRequest, type ListOffsetsResponse } from "../kafka/wire/api/02-list-offsets.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { LEADER_EPOCH } from "./storage/batch-facts.ts";
import type { PartitionLog } from "./storage/partition-log.ts";

type RequestTopic = ListOffsetsRequest["topics"][number];
type RequestPartition = RequestTopic["partitions"][number];
type PartitionAnswer = ListOffsetsResponse["topics"][number]["partitions"][number];

/** What negative times stand for. */
const MARK = { latest: -1, earliest: -2, maxTimestamp: -3, earliestLocal: -4, latestTiered: -5, earliestPending: -6 } as const;
/** The versions from which there are the later marks. */
const SINCE: ReadonlyMap<number, number> = new Map([
  [MARK.maxTimestamp, 7],
  [MARK.earliestLocal, 8],
  [MARK.latestTiered, 9],
  [MARK.earliestPending, 11],
]);
const READ_COMMITTED = 1;

interface Found {
  readonly offset: number;
  readonly timestampMs: number;
}
const NOT_FOUND: Found = { offset: -1, timestampMs: -1 };

const found = async (log: PartitionLog, timestamp: number, end: number): Promise<Found> => {
  if (timestamp === MARK.latest) return { offset: end, timestampMs: -1 };
  if (timestamp === MARK.earliest || timestamp === MARK.earliestLocal) return { offset: log.startOffset, timestampMs: -1 };
  if (timestamp === MARK.latestTiered || timestamp === MARK.earliestPending) return NOT_FOUND;
  const at = timestamp === MARK.maxTimestamp ? await log.maxTimestamp() : await log.offsetForTimestamp(timestamp);
  return at !== undefined && at.offset < end ? at : NOT_FOUND;
};

const checkEpoch = (currentLeaderEpoch: number): void => {
  if (currentLeaderEpoch > LEADER_EPOCH) throw new BrokerError("UNKNOWN_LEADER_EPOCH");
};

const lookUp = async (name: string, { partitionIndex, currentLeaderEpoch, timestamp }: RequestPartition, asked: Asked): Promise<Found> => {
  const { broker, version } = asked.context;
  if (timestamp < MARK.earliestPending || version < (SINCE.get(timestamp) ?? 0)) throw new BrokerError("UNSUPPORTED_VERSION");
  const log = broker.topics.partition(name, partitionIndex);
  checkEpoch(currentLeaderEpoch);
  const end = asked.request.isolationLevel === READ_COMMITTED ? log.lastStableOffset : log.highWatermark;
  return found(log, timestamp, end);
};

interface Asked {
  readonly request: ListOffsetsRequest;
  readonly context: RequestContext;
}

const refused = (partitionIndex: number, errorCode: number): PartitionAnswer => ({
  partitionIndex,
  errorCode,
  timestamp: -1,
  offset: -1,
  leaderEpoch: -1,
});

const partitionAnswer = async (name: string, partition: RequestPartition, asked: Asked): Promise<PartitionAnswer> => {
  const { partitionIndex } = partition;
  try {
    const { offset, timestampMs } = await lookUp(name, partition, asked);
    return { partitionIndex, errorCode: ErrorCode.NONE, timestamp: timestampMs, offset, leaderEpoch: offset < 0 ? -1 : LEADER_EPOCH };
  } catch (reason) {
    if (reason instanceof BrokerError) return refused(partitionIndex, reason.code);
    throw reason;
  }
};

/** A partition that is there twice is answered once, and refused. */
const topicAnswers = ({ name, partitions }: RequestTopic, asked: Asked): Promise<readonly PartitionAnswer[]> => {
  const { broker, client } = asked.context;
  const mayDescribe = broker.access.allows(client, "describe", { type: "topic", name });
  const answers: (PartitionAnswer | Promise<PartitionAnswer>)[] = [];
  for (const [index, [partition, ...more]] of Map.groupBy(partitions, ({ partitionIndex }) => partitionIndex)) {
    if (!mayDescribe) answers.push(refused(index, ErrorCode.TOPIC_AUTHORIZATION_FAILED));
    else if (!partition || more.length > 0) answers.push(refused(index, ErrorCode.INVALID_REQUEST));
    else answers.push(partitionAnswer(name, partition, asked));
  }
  return Promise.all(answers);
};

export const listOffsets: BrokerApi<ListOffsetsRequest, ListOffsetsResponse> = {
  api,
  versions: api.versions,
  missing: "tiered storage",
  async handle(request, context) {
    const topics = await Promise.all(
      request.topics.map(async (topic) => ({ name: topic.name, partitions: await topicAnswers(topic, { request, context }) })),
    );
    return { throttleTimeMs: 0, topics };
  },
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => refused(partitionIndex, code)),
    })),
  }),
};
