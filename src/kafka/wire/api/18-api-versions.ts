// ApiVersions: what a broker understands. The only API whose response is never flexible in its header, so that a client can read it
// before it knows anything of the broker.

import type { ValueOf } from "../type.ts";
import { array, bool, int16, int32, int64, since, string, struct, tagged } from "../type.ts";
import type { Api } from "./api.ts";

const supported = struct("ApiVersion", { apiKey: int16, minVersion: int16, maxVersion: int16 });
const supportedFeature = struct("SupportedFeatureKey", { name: string, minVersion: int16, maxVersion: int16 });
const finalizedFeature = struct("FinalizedFeatureKey", { name: string, maxVersionLevel: int16, minVersionLevel: int16 });

const request = struct("ApiVersionsRequest", {
  clientSoftwareName: since(3, string, ""),
  clientSoftwareVersion: since(3, string, ""),
});

const response = struct("ApiVersionsResponse", {
  errorCode: int16,
  apiKeys: array(supported),
  throttleTimeMs: since(1, int32, 0),
  supportedFeatures: tagged([0, 3], array(supportedFeature), []),
  finalizedFeaturesEpoch: tagged([1, 3], int64, -1),
  finalizedFeatures: tagged([2, 3], array(finalizedFeature), []),
  zkMigrationReady: tagged([3, 3], bool, false),
});

export type ApiVersionsRequest = ValueOf<typeof request>;
export type ApiVersionsResponse = ValueOf<typeof response>;

export const apiVersions: Api<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  name: "ApiVersions",
  versions: { min: 0, max: 4 },
  flexibleFrom: 3,
  request,
  response,
};
