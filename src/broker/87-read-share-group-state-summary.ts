// ReadShareGroupStateSummary (87), versions 0 and 1: from where a share group reads, and how much after that is done; -1 where nothing is kept.
import {
  readShareGroupStateSummary as api,
  type ReadShareGroupStateSummaryRequest,
  type ReadShareGroupStateSummaryResponse,
} from "../kafka/wire/api/87-read-share-group-state-summary.ts";
import type { BrokerApi } from "./api.ts";
import { refusedStates, type StateResult, stateFine, stateResults } from "./share/state-requests.ts";
import { LEADER_EPOCH } from "./storage/batch-facts.ts";

const unread = (result: StateResult) => ({
  ...{ ...result, stateEpoch: 0, leaderEpoch: LEADER_EPOCH, startOffset: -1, deliveryCompleteCount: -1 },
});

export const readShareGroupStateSummary: BrokerApi<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const results = await stateResults(request, context, {
      answer: (place, { partition }) => {
        const none = unread(stateFine(partition));
        const state = context.broker.shares.states.get(place);
        if (!state) return none;
        const { epoch, begun, start, done } = state;
        return begun ? { ...none, stateEpoch: epoch, startOffset: start, deliveryCompleteCount: done } : { ...none, stateEpoch: epoch };
      },
      refuse: unread,
    });
    return { results };
  },
  refuse: (request, error) => ({ results: refusedStates(request, error, unread) }),
};
