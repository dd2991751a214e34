// ListTransactions (66), versions 0 to 2: transactional ids by state, producer, age and, as a regular expression, by name (KIP-1152).
import {
  listTransactions as api,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
} from "../kafka/wire/api/66-list-transactions.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import type { Transaction } from "./transactions/transaction.ts";

const STATES: readonly string[] = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "Dead",
  "PrepareEpochFence",
];
/** A longer pattern names nothing that anybody would look for. */
const PATTERN_LENGTH_MAX = 256;

const patternOf = (text: string | null): RegExp | undefined => {
  if (text === null || text === "") return undefined;
  try {
    if (text.length <= PATTERN_LENGTH_MAX) return new RegExp(`^(?:${text})$`, "u");
  } catch {
    // Said below, like one that is too long.
  }
  throw new BrokerError("INVALID_REGULAR_EXPRESSION");
};

const wanted = (request: ListTransactionsRequest, nowMs: number): ((transaction: Transaction) => boolean) => {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
  const pattern = patternOf(transactionalIdPattern);
  return ({ state, producerId, startedMs, transactionalId }) =>
    (stateFilters.length === 0 || stateFilters.includes(state)) &&
    (producerIdFilters.length === 0 || producerIdFilters.includes(producerId)) &&
    (durationFilter < 0 || (startedMs >= 0 && nowMs - startedMs > durationFilter)) &&
    (pattern?.test(transactionalId) ?? true);
};

export const listTransactions: BrokerApi<ListTransactionsRequest, ListTransactionsResponse> = {
  api,
  versions: api.versions,
  handle(request, { broker, client }) {
    const isWanted = wanted(request, broker.clock.now());
    const shown = [...broker.transactions.coordinator.all()].filter(
      (transaction) =>
        isWanted(transaction) && broker.access.allows(client, "describe", { type: "transactionalId", name: transaction.transactionalId }),
    );
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      unknownStateFilters: request.stateFilters.filter((state) => !STATES.includes(state)),
      transactionStates: shown.map(({ transactionalId, producerId, state }) => ({ transactionalId, producerId, transactionState: state })),
    };
  },
  refuse: (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, unknownStateFilters: [], transactionStates: [] }),
};
