// IncrementalAlterConfigs (44), versions 0 and 1: settings are set, taken back, and lists are appended to and subtracted from (KIP-339); loggers
// get other levels (KIP-412).
import {
  incrementalAlterConfigs as api,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from "../kafka/wire/api/44-incremental-alter-configs.ts";
import type { BrokerApi } from "./api.ts";
import { alteredValues } from "./configs/alteration.ts";
import { alterAll, refuseAll } from "./configs/altering.ts";

export const incrementalAlterConfigs: BrokerApi<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> = {
  api,
  versions: api.versions,
  missing: "client metrics",
  async handle({ resources, validateOnly }, context) {
    const responses = await alterAll(
      { resources, validateOnly, wanted: ({ configs }, resource) => alteredValues(resource, configs) },
      context,
    );
    return { throttleTimeMs: 0, responses };
  },
  refuse: ({ resources }, error) => ({ throttleTimeMs: 0, responses: refuseAll(resources, error) }),
};
