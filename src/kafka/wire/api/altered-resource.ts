// What became of the settings of one resource, as both ways of altering them tell it.
import { array, int8, int16, int32, nullableString, string, struct } from "../type.ts";

const resource = struct("AlterConfigsResourceResponse", {
  errorCode: int16,
  errorMessage: nullableString,
  resourceType: int8,
  resourceName: string,
});

/** The fields of the response. */
export const alteredResources = {
  throttleTimeMs: int32,
  responses: array(resource),
};
