// UpdateFeatures: feature levels are raised or lowered.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, nullableString, since, string, struct, upTo } from "../type.ts";
import type { Api } from "./api.ts";

const featureUpdateKey = struct("FeatureUpdateKey", {
  feature: string,
  maxVersionLevel: int16,
  allowDowngrade: upTo(0, bool),
  upgradeType: since(1, int8, 1),
});

const request = struct("UpdateFeaturesRequest", {
  timeoutMs: int32,
  featureUpdates: array(featureUpdateKey),
  validateOnly: since(1, bool),
});

const updatableFeatureResult = struct("UpdatableFeatureResult", {
  feature: string,
  errorCode: int16,
  errorMessage: nullableString,
});

const response = struct("UpdateFeaturesResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  results: upTo(1, array(updatableFeatureResult)),
});

export type UpdateFeaturesRequest = ValueOf<typeof request>;
export type UpdateFeaturesResponse = ValueOf<typeof response>;

export const updateFeatures: Api<UpdateFeaturesRequest, UpdateFeaturesResponse> = {
  key: 57,
  name: "UpdateFeatures",
  versions: { min: 0, max: 2 },
  flexibleFrom: 0,
  request,
  response,
};
