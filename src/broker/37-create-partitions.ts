// CreatePartitions (37), versions 0 to 3: topics get more partitions, or it is only judged whether they may.
import {
  createPartitions as api,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
} from "../kafka/wire/api/37-create-partitions.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { checkReplicas, PARTITIONS_MAX } from "./topics/creation.ts";

type Asked = CreatePartitionsRequest["topics"][number];
type Result = CreatePartitionsResponse["results"][number];

const refused = (name: string, errorCode: number, errorMessage: string | null): Result => ({ name, errorCode, errorMessage });

const check = ({ count, assignments }: Asked, now: number, { broker }: RequestContext): void => {
  if (count === now) throw new BrokerError("INVALID_PARTITIONS", `the topic has ${now} partitions already`);
  if (count < now) throw new BrokerError("INVALID_PARTITIONS", `the topic has ${now} partitions, ${count} would be fewer`);
  if (count > PARTITIONS_MAX) throw new BrokerError("INVALID_PARTITIONS", `${count} partitions; at most ${PARTITIONS_MAX} are possible`);
  if (assignments === null) return;
  if (assignments.length !== count - now)
    throw new BrokerError("INVALID_REPLICA_ASSIGNMENT", `${assignments.length} partitions are assigned, ${count - now} are new`);
  for (const { brokerIds } of assignments) checkReplicas(brokerIds, broker);
};

const extend = async (asked: Asked, { validateOnly }: CreatePartitionsRequest, context: RequestContext): Promise<Result> => {
  const { broker, client } = context;
  const { name, count } = asked;
  if (!broker.access.allows(client, "alter", { type: "topic", name })) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  const topic = broker.topics.get(name);
  if (!topic) throw new BrokerError("UNKNOWN_TOPIC_OR_PARTITION");
  check(asked, topic.partitions.length, context);
  if (!validateOnly) await broker.topics.addPartitions(topic, count);
  return { name, errorCode: ErrorCode.NONE, errorMessage: null };
};

export const createPartitions: BrokerApi<CreatePartitionsRequest, CreatePartitionsResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const results: Result[] = [];
    for (const [name, [asked, ...more]] of Map.groupBy(request.topics, ({ name }) => name)) {
      try {
        if (!asked || more.length > 0) throw new BrokerError("INVALID_REQUEST", `the topic '${name}' is there twice`);
        results.push(await extend(asked, request, context));
      } catch (reason) {
        if (!(reason instanceof BrokerError)) throw reason;
        results.push(refused(name, reason.code, reason.message));
      }
    }
    return { throttleTimeMs: 0, results };
  },
  refuse: ({ topics }, { code, message }) => ({ throttleTimeMs: 0, results: topics.map(({ name }) => refused(name, code, message)) }),
};
