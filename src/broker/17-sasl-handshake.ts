// SaslHandshake (17), version 1: a client names the mechanism by which it will authenticate. One that is not offered is answered with those
// that are, and the connection ends. Version 0, after which the mechanism's messages come as bare bytes, is told of and not answered.
import { saslHandshake as api, type SaslHandshakeRequest, type SaslHandshakeResponse } from "../kafka/wire/api/17-sasl-handshake.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { begin } from "./sasl/begin.ts";

export const saslHandshake: BrokerApi<SaslHandshakeRequest, SaslHandshakeResponse> = {
  api,
  versions: { min: 1, max: 1 },
  missing: "version 0 (messages without a header); authenticating again on the same connection",
  handle({ mechanism }, { client, broker: { security } }) {
    if (client.authenticated) throw new BrokerError("ILLEGAL_SASL_STATE");
    if (client.sasl !== undefined) {
      client.close("asked for a SASL mechanism twice");
      throw new BrokerError("ILLEGAL_SASL_STATE");
    }
    client.sasl = begin(mechanism, security);
    if (client.sasl !== undefined) return { errorCode: ErrorCode.NONE, mechanisms: security.mechanisms };
    client.close("asked for a SASL mechanism that is not offered");
    return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms: security.mechanisms };
  },
  refuse: (_request, { code }) => ({ errorCode: code, mechanisms: [] }),
};
