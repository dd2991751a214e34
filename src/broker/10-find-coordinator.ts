// FindCoordinator (10), versions 0 to 6: of groups, transactional ids and share groups; there is one broker, so it is that. The first
// to ask makes the internal topic appear in which Apache Kafka keeps groups or transactions; here it stays empty. What share groups
// have read is kept in a log of the broker's own.
import {
  findCoordinator as api,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
} from "../kafka/wire/api/10-find-coordinator.ts";
import { ErrorCode, type KafkaErrorName } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { codeOf, mayUseGroup } from "./groups/asking.ts";
import { showInternal } from "./topics/creation.ts";
import { OFFSETS_TOPIC, TRANSACTIONS_TOPIC } from "./topics/names.ts";

type Coordinator = FindCoordinatorResponse["coordinators"][number];

const KEY_TYPES = { group: 0, transaction: 1, share: 2 } as const;
const TOPICS: ReadonlyMap<number, typeof OFFSETS_TOPIC | typeof TRANSACTIONS_TOPIC> = new Map([
  [KEY_TYPES.group, OFFSETS_TOPIC],
  [KEY_TYPES.transaction, TRANSACTIONS_TOPIC],
]);
const SEVERAL_FROM = 4;
const SHARE_FROM = 6;
/** Group, topic id, partition. */
const SHARE_KEY = /^.+:[A-Za-z0-9_-]{22}:\d+$/s;

const faultOf = (context: RequestContext, keyType: number, key: string): KafkaErrorName => {
  const { broker, client, version } = context;
  if (keyType === KEY_TYPES.group) return mayUseGroup(context, "describe", key) ? "NONE" : "GROUP_AUTHORIZATION_FAILED";
  if (keyType === KEY_TYPES.transaction)
    return broker.access.allows(client, "describe", { type: "transactionalId", name: key })
      ? "NONE"
      : "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";
  if (keyType !== KEY_TYPES.share || version < SHARE_FROM) return "INVALID_REQUEST";
  if (!broker.access.allows(client, "clusterAction", CLUSTER)) return "CLUSTER_AUTHORIZATION_FAILED";
  return SHARE_KEY.test(key) ? "NONE" : "INVALID_REQUEST";
};

const nobody = (key: string, errorCode: number, errorMessage: string): Coordinator => ({
  key,
  nodeId: -1,
  host: "",
  port: -1,
  errorCode,
  errorMessage,
});

const coordinatorOf = (context: RequestContext, keyType: number, key: string): Coordinator => {
  const fault = faultOf(context, keyType, key);
  const { nodeId, advertised } = context.broker;
  if (fault !== "NONE") return nobody(key, codeOf(fault), fault);
  return { key, nodeId, host: advertised.host, port: advertised.port, errorCode: codeOf(fault), errorMessage: "" };
};

const single = (coordinator: Coordinator): FindCoordinatorResponse => ({ throttleTimeMs: 0, ...coordinator, coordinators: [] });

const several = (coordinators: readonly Coordinator[]): FindCoordinatorResponse => ({ ...single(nobody("", 0, "")), coordinators });

export const findCoordinator: BrokerApi<FindCoordinatorRequest, FindCoordinatorResponse> = {
  api,
  versions: api.versions,
  async handle({ key, keyType, coordinatorKeys }, context) {
    const keys = context.version < SEVERAL_FROM ? [key] : coordinatorKeys;
    const found = keys.map((one) => coordinatorOf(context, keyType, one));
    const topic = TOPICS.get(keyType);
    if (topic && found.some(({ errorCode }) => errorCode === ErrorCode.NONE)) await showInternal(topic, context.broker);
    return context.version < SEVERAL_FROM ? single(found[0] ?? coordinatorOf(context, keyType, key)) : several(found);
  },
  refuse: ({ coordinatorKeys }, { code, message }) => ({
    ...single(nobody("", code, message)),
    coordinators: coordinatorKeys.map((key) => nobody(key, code, message)),
  }),
};
