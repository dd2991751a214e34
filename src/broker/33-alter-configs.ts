// AlterConfigs (33), versions 0 to 2: all the settings that a resource has of its own, at once; what is not named goes back to its default.
// As in Apache Kafka loggers are changed one by one only (44).
import { type AlterConfigsRequest, type AlterConfigsResponse, alterConfigs as api } from "../kafka/wire/api/33-alter-configs.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { alterAll, refuseAll } from "./configs/altering.ts";
import type { Values } from "./configs/broker-settings.ts";
import { RESOURCE } from "./configs/resources.ts";

type Resource = AlterConfigsRequest["resources"][number];

const valuesOf = ({ configs }: Resource): Values => {
  const values = new Map<string, string>();
  for (const { name, value } of configs) {
    if (value === null) throw new BrokerError("INVALID_REQUEST", `no value is given for '${name}'`);
    if (values.has(name)) throw new BrokerError("INVALID_REQUEST", `'${name}' is there twice`);
    values.set(name, value);
  }
  return values;
};

export const alterConfigs: BrokerApi<AlterConfigsRequest, AlterConfigsResponse> = {
  api,
  versions: api.versions,
  missing: "client metrics",
  async handle({ resources, validateOnly }, context) {
    const wanted = (resource: Resource): Values => {
      if (resource.resourceType === RESOURCE.brokerLogger)
        throw new BrokerError("INVALID_REQUEST", `resources of type ${resource.resourceType} are not changed at once`);
      return valuesOf(resource);
    };
    return { throttleTimeMs: 0, responses: await alterAll({ resources, validateOnly, wanted }, context) };
  },
  refuse: ({ resources }, error) => ({ throttleTimeMs: 0, responses: refuseAll(resources, error) }),
};
