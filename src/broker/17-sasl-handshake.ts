// SaslHandshake (17), versions 0 and 1: a client names the mechanism by which it will authenticate. One that is not offered is answered
// with those that are, and the connection ends. After version 0 the mechanism's messages come without a header, until it has ended.

import { saslHandshake as api, type SaslHandshakeRequest, type SaslHandshakeResponse } from "../kafka/wire/api/17-sasl-handshake.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { begin } from "./sasl/begin.ts";
import { takeMessage } from "./sasl/take-message.ts";

/** The version from which the messages come in SaslAuthenticate. */
const WRAPPED_FROM = 1;

export const saslHandshake: BrokerApi<SaslHandshakeRequest, SaslHandshakeResponse> = {
  api,
  versions: { min: 0, max: 1 },
  missing: "authenticating again on the same connection",
  handle({ mechanism }, context) {
    const {
      client,
      version,
      broker: { security },
    } = context;
    if (client.authenticated) throw new BrokerError("ILLEGAL_SASL_STATE");
    if (client.sasl !== undefined) {
      client.close("asked for a SASL mechanism twice");
      throw new BrokerError("ILLEGAL_SASL_STATE");
    }
    const exchange = begin(mechanism, security);
    if (exchange === undefined) {
      client.close("asked for a SASL mechanism that is not offered");
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms: security.mechanisms };
    }
    client.sasl = exchange;
    if (version < WRAPPED_FROM) client.bare = (message) => takeMessage(message, exchange, context);
    return { errorCode: ErrorCode.NONE, mechanisms: security.mechanisms };
  },
  refuse: (_request, { code }) => ({ errorCode: code, mechanisms: [] }),
};
