// SaslHandshake: a client names the SASL mechanism it wants, and hears which there are. From version 1 on the mechanism's own messages
// follow in SaslAuthenticate; in version 0 they follow as bare bytes.

import type { ValueOf } from "../type.ts";
import { array, int16, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("SaslHandshakeRequest", {
  mechanism: string,
});

const response = struct("SaslHandshakeResponse", {
  errorCode: int16,
  mechanisms: array(string),
});

export type SaslHandshakeRequest = ValueOf<typeof request>;
export type SaslHandshakeResponse = ValueOf<typeof response>;

export const saslHandshake: Api<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: 17,
  name: "SaslHandshake",
  versions: { min: 0, max: 1 },
  flexibleFrom: Number.POSITIVE_INFINITY,
  request,
  response,
};
