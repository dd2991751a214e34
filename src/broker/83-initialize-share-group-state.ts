// InitializeShareGroupState (83), version 0: where a share group begins to read, as brokers tell the one that keeps it.
import {
  initializeShareGroupState as api,
  type InitializeShareGroupStateRequest,
  type InitializeShareGroupStateResponse,
} from "../kafka/wire/api/83-initialize-share-group-state.ts";
import type { BrokerApi } from "./api.ts";
import { unreadState } from "./share/share-records.ts";
import { checkEpoch, refusedStates, stateFine, stateResults } from "./share/state-requests.ts";

export const initializeShareGroupState: BrokerApi<InitializeShareGroupStateRequest, InitializeShareGroupStateResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const { states } = context.broker.shares;
    const results = await stateResults(request, context, {
      answer: async (place, { partition, stateEpoch, startOffset }) => {
        checkEpoch(states.get(place), stateEpoch);
        await states.replace(place, { ...unreadState, epoch: stateEpoch, begun: startOffset >= 0, start: startOffset });
        return stateFine(partition);
      },
      refuse: (result) => result,
    });
    return { results };
  },
  refuse: (request, error) => ({ results: refusedStates(request, error, (result) => result) }),
};
