// SaslAuthenticate: one message of the SASL mechanism that SaslHandshake has agreed on, and the answer to it.

import type { ValueOf } from "../type.ts";
import { bytes, int16, int64, nullableString, since, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("SaslAuthenticateRequest", {
  authBytes: bytes,
});

const response = struct("SaslAuthenticateResponse", {
  errorCode: int16,
  errorMessage: nullableString,
  authBytes: bytes,
  sessionLifetimeMs: since(1, int64),
});

export type SaslAuthenticateRequest = ValueOf<typeof request>;
export type SaslAuthenticateResponse = ValueOf<typeof response>;

export const saslAuthenticate: Api<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  key: 36,
  name: "SaslAuthenticate",
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  request,
  response,
};
