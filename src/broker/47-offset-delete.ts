// OffsetDelete (47), version 0: a group's offsets of single partitions go, but for topics that its members read.
import { offsetDelete as api, type OffsetDeleteRequest, type OffsetDeleteResponse } from "../kafka/wire/api/47-offset-delete.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import type { BrokerApi } from "./api.ts";
import { checkGroup, codeOf, hasPartition, type TopicFound, topicFor } from "./groups/asking.ts";

type Topic = OffsetDeleteRequest["topics"][number];

const USE = { idFrom: Number.POSITIVE_INFINITY, operation: "read", mustExist: true } as const;

const refused = (errorCode: number): OffsetDeleteResponse => ({ errorCode, throttleTimeMs: 0, topics: [] });

export const offsetDelete: BrokerApi<OffsetDeleteRequest, OffsetDeleteResponse> = {
  api,
  versions: api.versions,
  async handle({ groupId, topics }, context) {
    checkGroup(context, "delete", groupId);
    const found = new Map<Topic, TopicFound>(topics.map((topic) => [topic, topicFor(context, { ...topic, topicId: UUID_ZERO }, USE)]));
    const places = [...found].flatMap(([{ partitions }, of]) =>
      "name" in of ? partitions.map(({ partitionIndex }) => ({ group: groupId, topic: of.name, partition: partitionIndex })) : [],
    );
    const isThere = (of: TopicFound, partition: number): boolean => "name" in of && hasPartition(context, of.name, partition);
    const answer = await context.broker.groups.deleteOffsets(groupId, places);
    if ("all" in answer) return refused(codeOf(answer.all));
    const verdicts = new Map(places.map(({ topic, partition }, at) => [`${partition} ${topic}`, answer.each[at] ?? "NONE"]));
    const told = [...found].map(([{ name, partitions }, of]) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOf(
          "fault" in of
            ? of.fault
            : isThere(of, partitionIndex)
              ? (verdicts.get(`${partitionIndex} ${name}`) ?? "NONE")
              : "UNKNOWN_TOPIC_OR_PARTITION",
        ),
      })),
    }));
    return { errorCode: ErrorCode.NONE, throttleTimeMs: 0, topics: told };
  },
  refuse: (_request, { code }) => refused(code),
};
