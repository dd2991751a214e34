// SaslHandshake (17), versions 0 and 1: a client names the mechanism by which it will authenticate. One that is not offered is answered
// with those that are, and the connection ends. After version 0 the mechanism's messages come without a header, until it has ended. Who
// has authenticated does so again by the same mechanism, not more often than every second.

import { saslHandshake as api, type SaslHandshakeRequest, type SaslHandshakeResponse } from "../kafka/wire/api/17-sasl-handshake.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { begin } from "./sasl/begin.ts";
import { renewing, type Session } from "./sasl/session.ts";
import { takeMessage } from "./sasl/take-message.ts";

/** The version from which the messages come in SaslAuthenticate. */
const WRAPPED_FROM = 1;

/** Throws a BrokerError: it cannot be renewed now. */
const renewedSession = ({ client, broker, version }: RequestContext): Session => {
  const session = version < WRAPPED_FROM ? undefined : renewing(client.session, broker);
  if (!session) throw new BrokerError("ILLEGAL_SASL_STATE");
  return session;
};

export const saslHandshake: BrokerApi<SaslHandshakeRequest, SaslHandshakeResponse> = {
  api,
  versions: { min: 0, max: 1 },
  handle({ mechanism }, context) {
    const {
      client,
      version,
      broker: { security },
    } = context;
    if (client.authenticated) client.session = renewedSession(context);
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
    if (client.session && client.session.mechanism !== exchange.mechanism) client.close("wants to authenticate again by another mechanism");
    if (version < WRAPPED_FROM) client.bare = (message) => takeMessage(message, exchange, context);
    return { errorCode: ErrorCode.NONE, mechanisms: security.mechanisms };
  },
  refuse: (_request, { code }) => ({ errorCode: code, mechanisms: [] }),
};
