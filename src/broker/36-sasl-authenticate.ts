// SaslAuthenticate (36), versions 0 to 2: a message of the mechanism that was agreed on, and the answer to it. Sessions have no end.

import { EMPTY } from "../core/bytes.ts";
import {
  saslAuthenticate as api,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
} from "../kafka/wire/api/36-sasl-authenticate.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { takeMessage } from "./sasl/take-message.ts";

export const saslAuthenticate: BrokerApi<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  api,
  versions: { min: 0, max: 2 },
  missing: "authenticating again on the same connection",
  async handle(request, context) {
    const authBytes = await takeMessage(request.authBytes, context);
    return { errorCode: ErrorCode.NONE, errorMessage: null, authBytes, sessionLifetimeMs: 0 };
  },
  refuse: (_request, { code, message }) => ({ errorCode: code, errorMessage: message, authBytes: EMPTY, sessionLifetimeMs: 0 }),
};
