// DescribeClientQuotas (48), versions 0 and 1: there are no quotas, and none can be made (AlterClientQuotas is not answered): whoever asks
// for those of users or clients is told that there are none.
import {
  describeClientQuotas as api,
  type DescribeClientQuotasRequest,
  type DescribeClientQuotasResponse,
} from "../kafka/wire/api/48-describe-client-quotas.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

export const describeClientQuotas: BrokerApi<DescribeClientQuotasRequest, DescribeClientQuotasResponse> = {
  api,
  versions: api.versions,
  missing: "quotas: there are none",
  handle(_request, { broker, client }) {
    if (!broker.access.allows(client, "describeConfigs", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, entries: [] };
  },
  refuse: (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message, entries: null }),
};
