// DescribeUserScramCredentials: which SCRAM mechanisms users have, and their iterations; never their keys.

import type { ValueOf } from "../type.ts";
import { array, int8, int16, int32, nullableArray, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const userName = struct("UserName", {
  name: string,
});

const request = struct("DescribeUserScramCredentialsRequest", {
  users: nullableArray(userName),
});

const credentialInfo = struct("CredentialInfo", {
  mechanism: int8,
  iterations: int32,
});

const describeUserScramCredentialsResult = struct("DescribeUserScramCredentialsResult", {
  user: string,
  errorCode: int16,
  errorMessage: nullableString,
  credentialInfos: array(credentialInfo),
});

const response = struct("DescribeUserScramCredentialsResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  results: array(describeUserScramCredentialsResult),
});

export type DescribeUserScramCredentialsRequest = ValueOf<typeof request>;
export type DescribeUserScramCredentialsResponse = ValueOf<typeof response>;

export const describeUserScramCredentials: Api<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> = {
  key: 50,
  name: "DescribeUserScramCredentials",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
