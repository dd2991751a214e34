// OffsetForLeaderEpoch (23), versions 2 to 4: where a leader's epoch ended. One node leads for ever, so there is one epoch, which ends at the
// end of the log.
import {
  offsetForLeaderEpoch as api,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from "../kafka/wire/api/23-offset-for-leader-epoch.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { LEADER_EPOCH } from "./storage/batch-facts.ts";

type RequestTopic = OffsetForLeaderEpochRequest["topics"][number];
type RequestPartition = RequestTopic["partitions"][number];
type Result = OffsetForLeaderEpochResponse["topics"][number]["partitions"][number];

const NOTHING = { leaderEpoch: -1, endOffset: -1 };
const refused = (partition: number, errorCode: number): Result => ({ errorCode, partition, ...NOTHING });

const result = (name: string, { partition, currentLeaderEpoch, leaderEpoch }: RequestPartition, context: RequestContext): Result => {
  const { broker, client } = context;
  try {
    if (!broker.access.allows(client, "describe", { type: "topic", name })) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
    const log = broker.topics.partition(name, partition);
    if (currentLeaderEpoch > LEADER_EPOCH) throw new BrokerError("UNKNOWN_LEADER_EPOCH");
    const end = leaderEpoch === LEADER_EPOCH ? { leaderEpoch, endOffset: log.highWatermark } : NOTHING;
    return { errorCode: ErrorCode.NONE, partition, ...end };
  } catch (reason) {
    if (reason instanceof BrokerError) return refused(partition, reason.code);
    throw reason;
  }
};

export const offsetForLeaderEpoch: BrokerApi<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  api,
  versions: api.versions,
  handle: ({ topics }, context) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => result(topic, partition, context)),
    })),
  }),
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ topic, partitions }) => ({ topic, partitions: partitions.map(({ partition }) => refused(partition, code)) })),
  }),
};
