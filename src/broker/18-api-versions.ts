// ApiVersions (18), versions 0 to 4: what is computed from the files of the other APIs. A version that is not known is answered in
// version 0 with UNSUPPORTED_VERSION and the versions that are, so that the client can try again (KIP-511).

import type { ApiVersionsRequest } from "../kafka/wire/api/18-api-versions.ts";
import { type ApiVersionsResponse, apiVersions as api } from "../kafka/wire/api/18-api-versions.ts";
import { encodeResponse } from "../kafka/wire/api/api.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import type { Feature } from "./broker.ts";

const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;
/** The version from which a client says what it is. */
const NAMED_FROM = 3;

const response = (errorCode: number, apiKeys: ApiVersionsResponse["apiKeys"], features: readonly Feature[]): ApiVersionsResponse => ({
  errorCode,
  apiKeys,
  throttleTimeMs: 0,
  supportedFeatures: features.map(({ name, min, max }) => ({ name, minVersion: min, maxVersion: max })),
  finalizedFeaturesEpoch: features.length > 0 ? 0 : -1,
  finalizedFeatures: features
    .filter(({ level }) => level > 0)
    .map(({ name, level }) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
  zkMigrationReady: false,
});

const own = { apiKey: api.key, minVersion: api.versions.min, maxVersion: api.versions.max };

/** The body that answers a version nobody here knows. */
export const unsupportedVersion = (): readonly Uint8Array[] => encodeResponse(api, response(ErrorCode.UNSUPPORTED_VERSION, [own], []), 0);

export const apiVersions: BrokerApi<ApiVersionsRequest, ApiVersionsResponse> = {
  api,
  versions: api.versions,
  handle({ clientSoftwareName, clientSoftwareVersion }, { version, client, broker }) {
    if (version >= NAMED_FROM) {
      if (!NAME.test(clientSoftwareName) || !NAME.test(clientSoftwareVersion)) return response(ErrorCode.INVALID_REQUEST, [], []);
      client.software = { name: clientSoftwareName, version: clientSoftwareVersion };
    }
    const keys = broker.apis.map(({ key, toldFrom, versions: { max } }) => ({ apiKey: key, minVersion: toldFrom, maxVersion: max }));
    return response(ErrorCode.NONE, keys, broker.features);
  },
  refuse: (_request, { code }) => response(code, [], []),
};
