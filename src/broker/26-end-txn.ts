// EndTxn (26), versions 0 to 5: commits or aborts. Answered when the outcome is decided for good; the markers follow. From version 5 on the
// answer carries the producer's next epoch (KIP-890), which keeps what comes late out of the next transaction.
import { endTxn as api, type EndTxnRequest, type EndTxnResponse } from "../kafka/wire/api/26-end-txn.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { codeOfRefusal, fencedAs, mayWrite } from "./transactions/refusals.ts";
import type { Producer } from "./transactions/transaction.ts";

/** The version from which PRODUCER_FENCED is known. */
const FENCED_FROM = 2;
/** From here on the producer takes its next epoch from the answer. */
const BUMPS_FROM = 5;
const NOBODY: Producer = { producerId: -1, epoch: -1 };

const response = (errorCode: number, { producerId, epoch }: Producer): EndTxnResponse => ({
  throttleTimeMs: 0,
  errorCode,
  producerId,
  producerEpoch: epoch,
});

export const endTxn: BrokerApi<EndTxnRequest, EndTxnResponse> = {
  api,
  versions: api.versions,
  async handle({ transactionalId, producerId, producerEpoch, committed }, context) {
    try {
      mayWrite(context, transactionalId);
      const producer = { producerId, epoch: producerEpoch };
      const bumps = context.version >= BUMPS_FROM;
      const next = await context.broker.transactions.coordinator.end(transactionalId, producer, { commit: committed, bumps });
      return response(ErrorCode.NONE, bumps ? next : NOBODY);
    } catch (reason) {
      return response(fencedAs(codeOfRefusal(reason), context, FENCED_FROM), NOBODY);
    }
  },
  refuse: (_request, { code }) => response(code, NOBODY),
};
