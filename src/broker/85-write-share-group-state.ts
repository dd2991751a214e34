// WriteShareGroupState (85), versions 0 and 1: what became of records of a share group, as brokers that gave them tell. Members of this broker
// read on from there.
import {
  writeShareGroupState as api,
  type WriteShareGroupStateRequest,
  type WriteShareGroupStateResponse,
} from "../kafka/wire/api/85-write-share-group-state.ts";
import type { BrokerApi } from "./api.ts";
import { withBatches } from "./share/state-batches.ts";
import { checkEpoch, keptState, refusedStates, stateFine, stateResults } from "./share/state-requests.ts";

export const writeShareGroupState: BrokerApi<WriteShareGroupStateRequest, WriteShareGroupStateResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const results = await stateResults(request, context, {
      answer: async (place, asked) => {
        const state = keptState(context, place);
        checkEpoch(state, asked.stateEpoch);
        await context.broker.shares.states.replace(place, { ...withBatches(state, asked), epoch: asked.stateEpoch });
        return stateFine(asked.partition);
      },
      refuse: (result) => result,
    });
    return { results };
  },
  refuse: (request, error) => ({ results: refusedStates(request, error, (result) => result) }),
};
