// A SASL message of a client, however it came: the mechanism's answer, and what becomes of the client. Who fails is told after a while, so
// that passwords are not tried quickly, and the connection ends.
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import { type Exchange, MESSAGE_BYTES_MAX, refused, type Step } from "./exchange.ts";
import { nextSession } from "./session.ts";

/** As Apache Kafka's connection.failed.authentication.delay.ms. */
const FAILED_DELAY_MS = 100;

/** The mechanism's answer. Rejects with SASL_AUTHENTICATION_FAILED. */
export const takeMessage = async (message: Uint8Array, exchange: Exchange, context: RequestContext): Promise<Uint8Array> => {
  const { client } = context;
  const step = message.length > MESSAGE_BYTES_MAX ? refused("a message that is too long") : exchange.next(message);
  if (step.kind === "challenge") return step.bytes;
  client.sasl = undefined;
  client.bare = undefined;
  if (step.kind === "refused") return fail(exchange, step, context);
  const principal = `User:${step.user}`;
  if (client.session && client.principal !== principal) return fail(exchange, otherUser(client.principal, principal), context);
  client.principal = principal;
  client.authenticated = true;
  client.session = nextSession(exchange.mechanism, client.session, context.broker);
  return step.bytes;
};

const otherUser = (before: string, now: string): Extract<Step, { kind: "refused" }> => ({
  kind: "refused",
  reason: `another user than ${before} before`,
  told: `Cannot change principals during re-authentication from ${before.replace(":", ".")}: ${now.replace(":", ".")}`,
});

const fail = async ({ mechanism }: Exchange, step: Extract<Step, { kind: "refused" }>, context: RequestContext): Promise<never> => {
  const { client, broker } = context;
  broker.log.warn("a client could not authenticate", { client: `${client.host}:${client.port}`, mechanism, reason: step.reason });
  await delay(context);
  client.close("could not authenticate");
  const told = step.told ?? `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`;
  throw new BrokerError("SASL_AUTHENTICATION_FAILED", told);
};

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
