// DescribeLogDirs (35), versions 1 to 5: the one folder of data, and how large each partition in it is. Without a folder (`--memory`) the
// name is empty; the size of the disk is told where there is one.
import { statfs } from "node:fs/promises";
import {
  describeLogDirs as api,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
} from "../kafka/wire/api/35-describe-log-dirs.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import type { Topic } from "./topics/topic.ts";

type Result = DescribeLogDirsResponse["results"][number];
type TopicResult = Result["topics"][number];

const topicResult = ({ name, partitions }: Topic, indexes: readonly number[]): TopicResult => ({
  name,
  partitions: indexes.flatMap((partitionIndex) => {
    const log = partitions[partitionIndex];
    return log ? [{ partitionIndex, partitionSize: log.bytes, offsetLag: 0, isFutureKey: false }] : [];
  }),
});

const topicResults = ({ topics }: DescribeLogDirsRequest, { broker }: RequestContext): readonly TopicResult[] => {
  if (topics === null) return broker.topics.all().map((topic) => topicResult(topic, [...topic.partitions.keys()]));
  return topics.flatMap(({ topic, partitions }) => {
    const found = broker.topics.get(topic);
    return found ? [topicResult(found, partitions)] : [];
  });
};

const SIZE_UNKNOWN = { totalBytes: -1, usableBytes: -1 };

const sizeOf = async (folder: string): Promise<typeof SIZE_UNKNOWN> => {
  if (folder === "") return SIZE_UNKNOWN;
  const found = await statfs(folder).catch(() => undefined);
  return found ? { totalBytes: found.blocks * found.bsize, usableBytes: found.bavail * found.bsize } : SIZE_UNKNOWN;
};

const response = (errorCode: number, results: readonly Result[]): DescribeLogDirsResponse => ({ throttleTimeMs: 0, errorCode, results });

export const describeLogDirs: BrokerApi<DescribeLogDirsRequest, DescribeLogDirsResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const { broker, client } = context;
    if (!broker.access.allows(client, "describe", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    const logDir = broker.settings.text("log.dirs") ?? "";
    const size = await sizeOf(logDir);
    return response(ErrorCode.NONE, [
      { errorCode: ErrorCode.NONE, logDir, topics: topicResults(request, context), ...size, isCordoned: false },
    ]);
  },
  refuse: (_request, { code }) => response(code, []),
};
