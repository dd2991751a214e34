// Produce (0), versions 3 to 13: record batches for the end of partitions, with acks 0, 1 and all; idempotent and transactional ones; what is
// wrong with single records is told. With acks 1 as with all, an answer says that the records are durable. Old clients are told of versions
// 0 to 2 too, as Apache Kafka does, since some of them look for these.
// Batches are kept with the topic's compression.type. What is not durable within the request's timeout is answered REQUEST_TIMED_OUT.
// Not here: throttling.
import { EMPTY } from "../core/bytes.ts";
import { produce as api, type ProduceRequest, type ProduceResponse } from "../kafka/wire/api/00-produce.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import * as layout from "../kafka/wire/record-batch.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { admission } from "./produce/admission.ts";
import { type Patience, patienceOf } from "./produce/patience.ts";
import { codecOf, factsOf } from "./storage/batch-facts.ts";
import type { PartitionLog } from "./storage/partition-log.ts";
import { RecordsError } from "./storage/validate.ts";
import type { Topic } from "./topics/topic.ts";

type RequestTopic = ProduceRequest["topicData"][number];
type RequestPartition = RequestTopic["partitionData"][number];
type PartitionAnswer = ProduceResponse["responses"][number]["partitionResponses"][number];

/** Topics are named by id from this version on. */
const IDS_FROM = 13;
/** The version from which records may be compressed with zstd, and its number. */
const ZSTD_FROM = 7;
const ZSTD = 4;
const ACKS: readonly number[] = [-1, 0, 1];
/** Whoever calls itself so may write to internal topics. */
const ADMIN_CLIENT = "__admin_client";

const NOTHING: Omit<PartitionAnswer, "index"> = {
  errorCode: ErrorCode.NONE,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  recordErrors: [],
  errorMessage: null,
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
};

/** What is refused before the log is asked, or about the batch as a whole: told without the log's beginning, as by Apache Kafka. */
const BEFORE_THE_LOG: readonly number[] = [
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.KAFKA_STORAGE_ERROR,
];

/** A refusal of the log itself. */
const refusedByLog = (answer: PartitionAnswer, log: PartitionLog): PartitionAnswer =>
  BEFORE_THE_LOG.includes(answer.errorCode) ? answer : { ...answer, logStartOffset: log.startOffset };

const refusedAnswer = (index: number, reason: unknown, { broker }: RequestContext): PartitionAnswer => {
  if (!(reason instanceof BrokerError)) {
    broker.log.error("a batch could not be taken", { partition: index }, reason);
    return { ...NOTHING, index, errorCode: ErrorCode.UNKNOWN_SERVER_ERROR };
  }
  const faults = reason instanceof RecordsError ? reason.faults : [];
  return {
    ...NOTHING,
    index,
    errorCode: reason.code,
    errorMessage: reason.message,
    recordErrors: faults.map((fault) => ({ batchIndex: fault.index, batchIndexErrorMessage: fault.message })),
  };
};

/** Throws a BrokerError. */
const topicOf = ({ name, topicId }: RequestTopic, { broker, client, version, clientId }: RequestContext): Topic => {
  const topic = version >= IDS_FROM ? broker.topics.byId(topicId) : broker.topics.get(name);
  if (version >= IDS_FROM && !topic) throw new BrokerError("UNKNOWN_TOPIC_ID");
  const resource = { type: "topic", name: topic?.name ?? name } as const;
  if (!broker.access.allows(client, "write", resource)) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  if (!topic) throw new BrokerError("UNKNOWN_TOPIC_OR_PARTITION");
  if (topic.isInternal && clientId !== ADMIN_CLIENT)
    throw new BrokerError("INVALID_TOPIC_EXCEPTION", `records are not written to the internal topic ${topic.name}`);
  return topic;
};

interface Asked {
  readonly request: ProduceRequest;
  readonly context: RequestContext;
  readonly patience: Patience;
}

/** Appends at once, and answers when that is durable, or the client's time is over. */
const append = async (log: PartitionLog, { index, records }: RequestPartition, { patience }: Asked): Promise<PartitionAnswer> => {
  const { baseOffset, lastOffset, appendTimestampMs } = log.append(records ?? EMPTY);
  const outcome = await patience.wait(log.durable(lastOffset + 1));
  const errorCode = outcome === "late" ? ErrorCode.REQUEST_TIMED_OUT : ErrorCode.NONE;
  return { ...NOTHING, index, errorCode, baseOffset, logAppendTimeMs: appendTimestampMs, logStartOffset: log.startOffset };
};

/** Clients that old cannot read what they would write. Shorter bytes are no batch: the log says so. */
const checkCodec = (batch: Uint8Array, version: number): void => {
  if (version >= ZSTD_FROM || batch.length < layout.RECORDS_AT) return;
  if (codecOf(factsOf(batch)) === ZSTD) throw new BrokerError("UNSUPPORTED_COMPRESSION_TYPE", "zstd is for newer versions of Produce");
};

const partitionAnswer = async (topic: Topic, partition: RequestPartition, asked: Asked): Promise<PartitionAnswer> => {
  const { index, records } = partition;
  try {
    const batch = records ?? EMPTY;
    const log = asked.context.broker.topics.partitionOf(topic, index);
    checkCodec(batch, asked.context.version);
    const admitted = admission({ topic, partition: index, batch }, asked.request, asked.context);
    if (admitted) await admitted;
    try {
      return await append(log, partition, asked);
    } catch (reason) {
      return refusedByLog(refusedAnswer(index, reason, asked.context), log);
    }
  } catch (reason) {
    return refusedAnswer(index, reason, asked.context);
  }
};

const topicAnswers = (data: RequestTopic, asked: Asked): Promise<readonly PartitionAnswer[]> => {
  const { request, context } = asked;
  try {
    if (!ACKS.includes(request.acks)) throw new BrokerError("INVALID_REQUIRED_ACKS", `acks ${request.acks} is none of -1, 0 and 1`);
    const topic = topicOf(data, context);
    return Promise.all(data.partitionData.map((partition) => partitionAnswer(topic, partition, asked)));
  } catch (reason) {
    return Promise.resolve(data.partitionData.map(({ index }) => refusedAnswer(index, reason, context)));
  }
};

const checkTransactional = ({ transactionalId }: ProduceRequest, { broker, client }: RequestContext): void => {
  if (transactionalId === null) return;
  if (!broker.access.allows(client, "write", { type: "transactionalId", name: transactionalId }))
    throw new BrokerError("TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
};

const response = (request: ProduceRequest, answers: readonly (readonly PartitionAnswer[])[]): ProduceResponse => ({
  responses: request.topicData.map(({ name, topicId }, at) => ({ name, topicId, partitionResponses: answers[at] ?? [] })),
  throttleTimeMs: 0,
  nodeEndpoints: [],
});

/** With acks 0 nobody hears of an error but by the end of the connection. */
const endIfFailed = (answers: readonly (readonly PartitionAnswer[])[], { client }: RequestContext): null => {
  const failed = answers.flat().find(({ errorCode }) => errorCode !== ErrorCode.NONE);
  if (failed) client.close(`records with acks 0 were refused: ${failed.errorMessage}`);
  return null;
};

export const produce: BrokerApi<ProduceRequest, ProduceResponse> = {
  api,
  versions: api.versions,
  toldFrom: 0,
  async handle(request, context) {
    checkTransactional(request, context);
    const patience = patienceOf(context.broker.clock, request.timeoutMs);
    const asked = { request, context, patience };
    const answers = await Promise.all(request.topicData.map((data) => topicAnswers(data, asked))).finally(patience.end);
    return request.acks === 0 ? endIfFailed(answers, context) : response(request, answers);
  },
  refuse: (request, { code, message }) =>
    response(
      request,
      request.topicData.map(({ partitionData }) =>
        partitionData.map(({ index }) => ({ ...NOTHING, index, errorCode: code, errorMessage: message })),
      ),
    ),
};
