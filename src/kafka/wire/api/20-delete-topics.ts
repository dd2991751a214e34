// DeleteTopics: topics go. Up to version 5 by name, from then on by name or id.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, nullableString, nullSince, since, string, struct, upTo, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const deleteTopicState = struct("DeleteTopicState", {
  name: nullableString,
  topicId: uuid,
});

const request = struct("DeleteTopicsRequest", {
  topics: since(6, array(deleteTopicState)),
  topicNames: upTo(5, array(string)),
  timeoutMs: int32,
});

const deletableTopicResult = struct("DeletableTopicResult", {
  name: nullSince(6, nullableString),
  topicId: since(6, uuid),
  errorCode: int16,
  errorMessage: since(5, nullableString),
});

const response = struct("DeleteTopicsResponse", {
  throttleTimeMs: int32,
  responses: array(deletableTopicResult),
});

export type DeleteTopicsRequest = ValueOf<typeof request>;
export type DeleteTopicsResponse = ValueOf<typeof response>;

export const deleteTopics: Api<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: 20,
  name: "DeleteTopics",
  versions: { min: 1, max: 6 },
  flexibleFrom: 4,
  request,
  response,
};
