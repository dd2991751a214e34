// AddOffsetsToTxn (25), versions 0 to 4: the offsets that follow for a group become part of a transaction.
import {
  type AddOffsetsToTxnRequest,
  type AddOffsetsToTxnResponse,
  addOffsetsToTxn as api,
} from "../kafka/wire/api/25-add-offsets-to-txn.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { codeOfRefusal, fencedAs, mayWrite } from "./transactions/refusals.ts";

/** The version from which PRODUCER_FENCED is known. */
const FENCED_FROM = 2;

const response = (errorCode: number): AddOffsetsToTxnResponse => ({ throttleTimeMs: 0, errorCode });

export const addOffsetsToTxn: BrokerApi<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  api,
  versions: api.versions,
  async handle({ transactionalId, producerId, producerEpoch, groupId }, context) {
    const { broker, client } = context;
    try {
      mayWrite(context, transactionalId);
      if (!broker.access.allows(client, "read", { type: "group", name: groupId })) throw new BrokerError("GROUP_AUTHORIZATION_FAILED");
      const producer = { producerId, epoch: producerEpoch };
      await broker.transactions.coordinator.extend(transactionalId, producer, { partitions: [], groups: [groupId] });
      return response(ErrorCode.NONE);
    } catch (reason) {
      return response(fencedAs(codeOfRefusal(reason), context, FENCED_FROM));
    }
  },
  refuse: (_request, { code }) => response(code),
};
