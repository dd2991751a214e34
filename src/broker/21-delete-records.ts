// DeleteRecords (21), versions 0 to 2: the beginning of partitions moves up to an offset, or (-1) to the end.
import { deleteRecords as api, type DeleteRecordsRequest, type DeleteRecordsResponse } from "../kafka/wire/api/21-delete-records.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { isInternal } from "./topics/names.ts";

type RequestTopic = DeleteRecordsRequest["topics"][number];
type RequestPartition = RequestTopic["partitions"][number];
type Result = DeleteRecordsResponse["topics"][number]["partitions"][number];

const refused = (partitionIndex: number, errorCode: number): Result => ({ partitionIndex, lowWatermark: -1, errorCode });

const deleteIn = async (name: string, { partitionIndex, offset }: RequestPartition, context: RequestContext): Promise<Result> => {
  const { broker, client } = context;
  try {
    if (!broker.access.allows(client, "delete", { type: "topic", name })) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
    if (isInternal(name)) throw new BrokerError("INVALID_TOPIC_EXCEPTION", `${name} is internal`);
    const lowWatermark = await broker.topics.partition(name, partitionIndex).deleteRecordsBefore(offset);
    return { partitionIndex, lowWatermark, errorCode: ErrorCode.NONE };
  } catch (reason) {
    if (reason instanceof BrokerError) return refused(partitionIndex, reason.code);
    throw reason;
  }
};

export const deleteRecords: BrokerApi<DeleteRecordsRequest, DeleteRecordsResponse> = {
  api,
  versions: api.versions,
  async handle({ topics }, context) {
    const results = topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(partitions.map((partition) => deleteIn(name, partition, context))),
    }));
    return { throttleTimeMs: 0, topics: await Promise.all(results) };
  },
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => refused(partitionIndex, code)),
    })),
  }),
};
