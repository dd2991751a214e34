// SaslAuthenticate (36), versions 0 to 2: a message of the mechanism that was agreed on, and the answer to it. Who fails is told after a
// while, so that passwords are not tried quickly, and the connection ends. Sessions have no end.

import { EMPTY } from "../core/bytes.ts";
import {
  saslAuthenticate as api,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
} from "../kafka/wire/api/36-sasl-authenticate.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { type Exchange, MESSAGE_BYTES_MAX, refused, type Step } from "./sasl/exchange.ts";

/** As Apache Kafka's connection.failed.authentication.delay.ms. */
const FAILED_DELAY_MS = 100;

const answered = (bytes: Uint8Array): SaslAuthenticateResponse => ({
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  authBytes: bytes,
  sessionLifetimeMs: 0,
});

/** When the time has come, or the client has gone. */
const delay = ({ client, broker }: RequestContext): Promise<void> =>
  new Promise((resolve) => {
    const timer = broker.clock.after(FAILED_DELAY_MS, () => {
      forget();
      resolve();
    });
    const forget = client.onClosed(() => {
      timer.cancel();
      resolve();
    });
  });

const fail = async ({ mechanism }: Exchange, step: Extract<Step, { kind: "refused" }>, context: RequestContext): Promise<never> => {
  const { client, broker } = context;
  broker.log.warn("a client could not authenticate", { client: `${client.host}:${client.port}`, mechanism, reason: step.reason });
  await delay(context);
  client.close("could not authenticate");
  const told = step.told ?? `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`;
  throw new BrokerError("SASL_AUTHENTICATION_FAILED", told);
};

const without = ({ client }: RequestContext): BrokerError => {
  if (client.authenticated)
    return new BrokerError("ILLEGAL_SASL_STATE", "SaslAuthenticate request received after successful authentication");
  client.close("sent a SASL message before it named a mechanism");
  return new BrokerError("ILLEGAL_SASL_STATE", "SaslHandshake comes first");
};

export const saslAuthenticate: BrokerApi<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  api,
  versions: { min: 0, max: 2 },
  missing: "authenticating again on the same connection",
  async handle({ authBytes }, context) {
    const { client } = context;
    const exchange = client.sasl;
    if (exchange === undefined) throw without(context);
    const step = authBytes.length > MESSAGE_BYTES_MAX ? refused("a message that is too long") : exchange.next(authBytes);
    if (step.kind === "challenge") return answered(step.bytes);
    client.sasl = undefined;
    if (step.kind === "refused") return fail(exchange, step, context);
    client.principal = `User:${step.user}`;
    client.authenticated = true;
    return answered(step.bytes);
  },
  refuse: (_request, { code, message }) => ({ errorCode: code, errorMessage: message, authBytes: EMPTY, sessionLifetimeMs: 0 }),
};
