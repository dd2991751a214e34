// What the transaction APIs have in common when they refuse.
import { ErrorCode } from "../../kafka/wire/errors.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";

/** Clients of older versions know no PRODUCER_FENCED: they are told INVALID_PRODUCER_EPOCH (KIP-588). */
export const fencedAs = (code: number, { version }: RequestContext, knownFrom: number): number =>
  code === ErrorCode.PRODUCER_FENCED && version < knownFrom ? ErrorCode.INVALID_PRODUCER_EPOCH : code;

/** The code of what was thrown; what is no BrokerError is thrown on. */
export const codeOfRefusal = (reason: unknown): number => {
  if (reason instanceof BrokerError) return reason.code;
  throw reason;
};

/** Throws TRANSACTIONAL_ID_AUTHORIZATION_FAILED. */
export const mayWrite = ({ broker, client }: RequestContext, transactionalId: string): void => {
  if (!broker.access.allows(client, "write", { type: "transactionalId", name: transactionalId }))
    throw new BrokerError("TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
};
