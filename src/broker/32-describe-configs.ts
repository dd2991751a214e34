// DescribeConfigs (32), versions 1 to 4: the settings of topics, of the broker (by its number; by no name those changed for all brokers), of
// its loggers and of groups, with where each value comes from.
import {
  describeConfigs as api,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
} from "../kafka/wire/api/32-describe-configs.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { resourceOf } from "./configs/resources.ts";

type Result = DescribeConfigsResponse["results"][number];
type Resource = DescribeConfigsRequest["resources"][number];

const refused = ({ resourceType, resourceName }: Resource, errorCode: number, errorMessage: string): Result => ({
  errorCode,
  errorMessage,
  resourceType,
  resourceName,
  configs: [],
});

/** As the protocol has it: asked for no settings by name is asked for all of them. */
const namesOf = ({ configurationKeys }: Resource): readonly string[] | null =>
  configurationKeys === null || configurationKeys.length === 0 ? null : configurationKeys;

const result = (asked: Resource, request: DescribeConfigsRequest, context: RequestContext): Result => {
  const options = { names: namesOf(asked), withSynonyms: request.includeSynonyms, withDocumentation: request.includeDocumentation };
  try {
    const configs = resourceOf(asked, "describeConfigs", context).describe(options);
    return { ...refused(asked, ErrorCode.NONE, ""), configs };
  } catch (reason) {
    if (reason instanceof BrokerError) return refused(asked, reason.code, reason.message);
    throw reason;
  }
};

export const describeConfigs: BrokerApi<DescribeConfigsRequest, DescribeConfigsResponse> = {
  api,
  versions: api.versions,
  missing: "client metrics",
  handle: (request, context) => ({ throttleTimeMs: 0, results: request.resources.map((asked) => result(asked, request, context)) }),
  refuse: ({ resources }, { code, message }) => ({ throttleTimeMs: 0, results: resources.map((asked) => refused(asked, code, message)) }),
};
