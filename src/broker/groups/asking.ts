// What the APIs of groups have in common: who may ask for what of a group or of its topics, and where clients are.
import { ErrorCode, type KafkaErrorName } from "../../kafka/wire/errors.ts";
import type { Operation } from "../access.ts";
import { hostOf } from "../acl/authorizer.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import type { Assignment } from "./assignors.ts";
import { keptAssignment } from "./consumer-record.ts";

export const codeOf = (name: KafkaErrorName): number => ErrorCode[name];

/** Throws GROUP_AUTHORIZATION_FAILED. */
export const checkGroup = ({ broker, client }: RequestContext, operation: Operation, group: string): void => {
  if (!broker.access.allows(client, operation, { type: "group", name: group })) throw new BrokerError("GROUP_AUTHORIZATION_FAILED");
};

export const mayUseGroup = ({ broker, client }: RequestContext, operation: Operation, group: string): boolean =>
  broker.access.allows(client, operation, { type: "group", name: group });

/** Whether the client may see a topic, by its name. */
export const mayDescribeTopic =
  ({ broker, client }: RequestContext) =>
  (name: string): boolean =>
    broker.access.allows(client, "describe", { type: "topic", name });

/** An assignment as it is described: topics that have gone meanwhile are left out. */
export const toldAssignment = (
  assignment: Assignment,
  { broker }: RequestContext,
): {
  readonly topicPartitions: readonly { readonly topicId: string; readonly topicName: string; readonly partitions: readonly number[] }[];
} => ({
  topicPartitions: keptAssignment(assignment).flatMap(([topicId, partitions]) => {
    const topicName = broker.topics.byId(topicId)?.name;
    return topicName === undefined ? [] : [{ topicId, topicName, partitions }];
  }),
});

/** How a request names a topic: by name, or from some version on by id. */
export interface TopicNamed {
  readonly name: string;
  readonly topicId: string;
}

/** The topic's name, or why it cannot be used. */
export type TopicFound = { readonly name: string } | { readonly fault: KafkaErrorName };

/** `idFrom`: the version from which topics go by id. */
export const topicFor = ({ broker, client, version }: RequestContext, named: TopicNamed, how: TopicUse): TopicFound => {
  const byId = version >= how.idFrom;
  const name = byId ? broker.topics.byId(named.topicId)?.name : named.name;
  if (name === undefined) return { fault: "UNKNOWN_TOPIC_ID" };
  if (!broker.access.allows(client, how.operation, { type: "topic", name })) return { fault: "TOPIC_AUTHORIZATION_FAILED" };
  if (how.mustExist && !broker.topics.get(name)) return { fault: "UNKNOWN_TOPIC_OR_PARTITION" };
  return { name };
};

export interface TopicUse {
  readonly idFrom: number;
  readonly operation: Operation;
  readonly mustExist: boolean;
}

/** As Java writes an address. */
export const clientHostOf = ({ client }: RequestContext): string => `/${hostOf(client.host)}`;

/** Whether the topic, which exists, has that partition. */
export const hasPartition = ({ broker }: RequestContext, topic: string, partition: number): boolean =>
  partition >= 0 && partition < (broker.topics.get(topic)?.partitions.length ?? 0);
