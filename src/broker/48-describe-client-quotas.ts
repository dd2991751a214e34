// DescribeClientQuotas (48), versions 0 and 1: there are no quotas, and none can be made (AlterClientQuotas is not answered): whoever asks
// for those of users, clients or addresses is told that there are none; a filter that makes no sense is refused.
import {
  describeClientQuotas as api,
  type DescribeClientQuotasRequest,
  type DescribeClientQuotasResponse,
} from "../kafka/wire/api/48-describe-client-quotas.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

type Component = DescribeClientQuotasRequest["components"][number];

const USER = "user";
const CLIENT = "client-id";
const ADDRESS = "ip";
const MATCH = { exact: 0, default: 1, specified: 2 } as const;
const MATCHES: readonly number[] = Object.values(MATCH);

/** Throws a BrokerError. */
const checkComponents = (components: readonly Component[]): void => {
  const types = new Set<string>();
  for (const { entityType, matchType, match } of components) {
    if (entityType === "") throw new BrokerError("INVALID_REQUEST", "a kind of entity is empty");
    if (types.has(entityType)) throw new BrokerError("INVALID_REQUEST", `'${entityType}' is there twice`);
    if (![USER, CLIENT, ADDRESS].includes(entityType))
      throw new BrokerError("UNSUPPORTED_VERSION", `there are no quotas of '${entityType}'`);
    if (!MATCHES.includes(matchType)) throw new BrokerError("INVALID_REQUEST", `there is no match of type ${matchType}`);
    if ((matchType === MATCH.exact) !== (match !== null))
      throw new BrokerError("INVALID_REQUEST", "a name is given with an exact match, and with no other");
    types.add(entityType);
  }
  if (types.has(ADDRESS) && types.size > 1) throw new BrokerError("INVALID_REQUEST", "quotas of addresses are not of users or clients too");
};

export const describeClientQuotas: BrokerApi<DescribeClientQuotasRequest, DescribeClientQuotasResponse> = {
  api,
  versions: api.versions,
  missing: "quotas: there are none",
  handle({ components }, { broker, client }) {
    if (!broker.access.allows(client, "describeConfigs", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    checkComponents(components);
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: "", entries: [] };
  },
  refuse: (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message, entries: null }),
};
