// DeleteShareGroupState (86), version 0: what is kept of partitions of a share group is forgotten, whether there is something or not.
import {
  deleteShareGroupState as api,
  type DeleteShareGroupStateRequest,
  type DeleteShareGroupStateResponse,
} from "../kafka/wire/api/86-delete-share-group-state.ts";
import type { BrokerApi } from "./api.ts";
import { refusedStates, stateFine, stateResults } from "./share/state-requests.ts";

export const deleteShareGroupState: BrokerApi<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const results = await stateResults(request, context, {
      answer: async (place, { partition }) => {
        await context.broker.shares.states.replace(place, undefined);
        return stateFine(partition);
      },
      refuse: (result) => result,
    });
    return { results };
  },
  refuse: (request, error) => ({ results: refusedStates(request, error, (result) => result) }),
};
