// ListConfigResources (74), versions 0 and 1: what has settings: topics, the broker, and groups that have some of their own. There are no
// client metrics, which are all that version 0 asks for.
import {
  listConfigResources as api,
  type ListConfigResourcesRequest,
  type ListConfigResourcesResponse,
} from "../kafka/wire/api/74-list-config-resources.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { RESOURCE } from "./configs/resources.ts";

/** Before, only client metrics are listed. */
const TYPES_FROM = 1;
const ALL: readonly number[] = Object.values(RESOURCE);

const namesOf = (type: number, { broker }: RequestContext): readonly string[] => {
  if (type === RESOURCE.topic) return broker.topics.all().map(({ name }) => name);
  if (type === RESOURCE.broker || type === RESOURCE.brokerLogger) return [String(broker.nodeId)];
  return type === RESOURCE.group ? broker.groupSettings.groups() : [];
};

const typesOf = ({ resourceTypes }: ListConfigResourcesRequest, version: number): readonly number[] => {
  if (version < TYPES_FROM) return [RESOURCE.clientMetrics];
  return resourceTypes.length === 0 ? ALL : [...new Set(resourceTypes)];
};

export const listConfigResources: BrokerApi<ListConfigResourcesRequest, ListConfigResourcesResponse> = {
  api,
  versions: api.versions,
  missing: "client metrics",
  handle(request, context) {
    const { broker, client, version } = context;
    if (!broker.access.allows(client, "describeConfigs", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    const types = typesOf(request, version);
    if (types.some((type) => !ALL.includes(type))) throw new BrokerError("UNSUPPORTED_VERSION");
    const configResources = types.flatMap((resourceType) =>
      namesOf(resourceType, context).map((resourceName) => ({ resourceName, resourceType })),
    );
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, configResources };
  },
  refuse: (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, configResources: [] }),
};
