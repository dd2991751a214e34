// AlterUserScramCredentials: SCRAM credentials of users are set and removed. What is sent is the salted password, from which the keys
// that are kept are made.

import type { ValueOf } from "../type.ts";
import { array, bytes, int8, int16, int32, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const scramCredentialDeletion = struct("ScramCredentialDeletion", {
  name: string,
  mechanism: int8,
});

const scramCredentialUpsertion = struct("ScramCredentialUpsertion", {
  name: string,
  mechanism: int8,
  iterations: int32,
  salt: bytes,
  saltedPassword: bytes,
});

const request = struct("AlterUserScramCredentialsRequest", {
  deletions: array(scramCredentialDeletion),
  upsertions: array(scramCredentialUpsertion),
});

const alterUserScramCredentialsResult = struct("AlterUserScramCredentialsResult", {
  user: string,
  errorCode: int16,
  errorMessage: nullableString,
});

const response = struct("AlterUserScramCredentialsResponse", {
  throttleTimeMs: int32,
  results: array(alterUserScramCredentialsResult),
});

export type AlterUserScramCredentialsRequest = ValueOf<typeof request>;
export type AlterUserScramCredentialsResponse = ValueOf<typeof response>;

export const alterUserScramCredentials: Api<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> = {
  key: 51,
  name: "AlterUserScramCredentials",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
