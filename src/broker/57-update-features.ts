// UpdateFeatures (57), versions 0 to 2: the levels of features are those of this broker. To ask for them is harmless; others cannot be had.
import { updateFeatures as api, type UpdateFeaturesRequest, type UpdateFeaturesResponse } from "../kafka/wire/api/57-update-features.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi } from "./api.ts";
import type { Feature } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";

type Asked = UpdateFeaturesRequest["featureUpdates"][number];

/** The version that tells nothing of single features any more. */
const TERSE_FROM = 2;

const check = ({ feature, maxVersionLevel }: Asked, features: readonly Feature[]): void => {
  const known = features.find(({ name }) => name === feature);
  if (!known) throw new BrokerError("INVALID_UPDATE_VERSION", `the broker has no feature '${feature}'`);
  if (known.level !== maxVersionLevel)
    throw new BrokerError("INVALID_UPDATE_VERSION", `'${feature}' is at level ${known.level} and stays there`);
};

export const updateFeatures: BrokerApi<UpdateFeaturesRequest, UpdateFeaturesResponse> = {
  api,
  versions: api.versions,
  missing: "other levels than the broker's",
  handle({ featureUpdates }, { broker, client, version }) {
    if (!broker.access.allows(client, "alter", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    for (const asked of featureUpdates) check(asked, broker.features);
    const results =
      version >= TERSE_FROM ? [] : featureUpdates.map(({ feature }) => ({ feature, errorCode: ErrorCode.NONE, errorMessage: null }));
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, results };
  },
  refuse: (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message, results: [] }),
};
