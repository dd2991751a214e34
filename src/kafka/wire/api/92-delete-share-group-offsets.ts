// DeleteShareGroupOffsets: a share group forgets topics.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, nullableString, string, struct, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const deleteShareGroupOffsetsRequestTopic = struct("DeleteShareGroupOffsetsRequestTopic", {
  topicName: string,
});

const request = struct("DeleteShareGroupOffsetsRequest", {
  groupId: string,
  topics: array(deleteShareGroupOffsetsRequestTopic),
});

const deleteShareGroupOffsetsResponseTopic = struct("DeleteShareGroupOffsetsResponseTopic", {
  topicName: string,
  topicId: uuid,
  errorCode: int16,
  errorMessage: nullableString,
});

const response = struct("DeleteShareGroupOffsetsResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  responses: array(deleteShareGroupOffsetsResponseTopic),
});

export type DeleteShareGroupOffsetsRequest = ValueOf<typeof request>;
export type DeleteShareGroupOffsetsResponse = ValueOf<typeof response>;

export const deleteShareGroupOffsets: Api<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse> = {
  key: 92,
  name: "DeleteShareGroupOffsets",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
