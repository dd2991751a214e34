// AlterReplicaLogDirs (34), versions 1 and 2: there is one folder of data; to move a partition there is done at once, elsewhere it cannot go.
import {
  type AlterReplicaLogDirsRequest,
  type AlterReplicaLogDirsResponse,
  alterReplicaLogDirs as api,
} from "../kafka/wire/api/34-alter-replica-log-dirs.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi } from "./api.ts";
import type { Broker } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";

type Asked = AlterReplicaLogDirsRequest["dirs"][number]["topics"][number];
type Result = AlterReplicaLogDirsResponse["results"][number];

const codeOf = (name: string, partition: number, broker: Broker): number =>
  partition >= 0 && partition < (broker.topics.get(name)?.partitions.length ?? 0) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;

const result = ({ name, partitions }: Asked, codeFor: (partition: number) => number): Result => ({
  topicName: name,
  partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode: codeFor(partitionIndex) })),
});

export const alterReplicaLogDirs: BrokerApi<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> = {
  api,
  versions: api.versions,
  handle({ dirs }, { broker, client }) {
    if (!broker.access.allows(client, "alter", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    const own = broker.settings.text("log.dirs");
    const results = dirs.flatMap(({ path, topics }) =>
      topics.map((asked) =>
        result(asked, (partition) => (path === own ? codeOf(asked.name, partition, broker) : ErrorCode.LOG_DIR_NOT_FOUND)),
      ),
    );
    return { throttleTimeMs: 0, results };
  },
  refuse: ({ dirs }, { code }) => ({
    throttleTimeMs: 0,
    results: dirs.flatMap(({ topics }) => topics.map((asked) => result(asked, () => code))),
  }),
};
