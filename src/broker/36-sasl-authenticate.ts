// SaslAuthenticate (36), versions 0 to 2: a message of the mechanism that was agreed on, and the answer to it; with the last one, how long
// the session lasts (connections.max.reauth.ms). Without a handshake before it the connection ends without an answer.

import { EMPTY } from "../core/bytes.ts";
import {
  saslAuthenticate as api,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
} from "../kafka/wire/api/36-sasl-authenticate.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { sessionLifetimeMs } from "./sasl/session.ts";
import { takeMessage } from "./sasl/take-message.ts";

export const saslAuthenticate: BrokerApi<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  api,
  versions: { min: 0, max: 2 },
  async handle(request, context) {
    const { client } = context;
    if (client.authenticated && client.sasl === undefined)
      throw new BrokerError("ILLEGAL_SASL_STATE", "SaslAuthenticate request received after successful authentication");
    if (client.sasl === undefined) {
      client.close("sent a SASL message before it named a mechanism");
      return null;
    }
    const authBytes = await takeMessage(request.authBytes, client.sasl, context);
    const isDone = client.sasl === undefined;
    return { errorCode: ErrorCode.NONE, errorMessage: "", authBytes, sessionLifetimeMs: isDone ? sessionLifetimeMs(context.broker) : 0 };
  },
  refuse: (_request, { code, message }) => ({ errorCode: code, errorMessage: message, authBytes: EMPTY, sessionLifetimeMs: 0 }),
};
