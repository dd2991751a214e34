// InitProducerId (22), versions 0 to 5: an id for an idempotent producer, or the next epoch of a transactional one, whose open transaction
// is aborted first. Two-phase commit (version 6, KIP-939) is not implemented.
import { initProducerId as api, type InitProducerIdRequest, type InitProducerIdResponse } from "../kafka/wire/api/22-init-producer-id.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { codeOfRefusal, fencedAs, mayWrite } from "./transactions/refusals.ts";
import type { Producer } from "./transactions/transaction.ts";

/** The version from which PRODUCER_FENCED is known. */
const FENCED_FROM = 4;
const NOBODY: Producer = { producerId: -1, epoch: -1 };

const response = (errorCode: number, { producerId, epoch }: Producer): InitProducerIdResponse => ({
  throttleTimeMs: 0,
  errorCode,
  producerId,
  producerEpoch: epoch,
  ongoingTxnProducerId: -1,
  ongoingTxnProducerEpoch: -1,
});

const mayBeIdempotent = ({ broker, client }: RequestContext): boolean =>
  broker.access.allows(client, "idempotentWrite", CLUSTER) || broker.access.allowsSomewhere(client, "write", "topic");

const producerFor = async (request: InitProducerIdRequest, context: RequestContext): Promise<Producer> => {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
  const { coordinator, producerIds } = context.broker.transactions;
  if (producerId >= 0 !== producerEpoch >= 0) throw new BrokerError("INVALID_REQUEST", "a producer has both, an id and an epoch");
  if (transactionalId === null) {
    if (!mayBeIdempotent(context)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    return { producerId: await producerIds.take(), epoch: 0 };
  }
  mayWrite(context, transactionalId);
  const asked = producerId < 0 ? undefined : { producerId, epoch: producerEpoch };
  return coordinator.initialize({ transactionalId, timeoutMs: transactionTimeoutMs, asked });
};

export const initProducerId: BrokerApi<InitProducerIdRequest, InitProducerIdResponse> = {
  api,
  versions: { min: 0, max: 5 },
  missing: "two-phase commit (version 6)",
  async handle(request, context) {
    try {
      return response(ErrorCode.NONE, await producerFor(request, context));
    } catch (reason) {
      return response(fencedAs(codeOfRefusal(reason), context, FENCED_FROM), NOBODY);
    }
  },
  refuse: (_request, { code }) => response(code, NOBODY),
};
