// ReadShareGroupState (84), version 0: what is kept of the partitions of a share group, for brokers that read from them.
import {
  readShareGroupState as api,
  type ReadShareGroupStateRequest,
  type ReadShareGroupStateResponse,
} from "../kafka/wire/api/84-read-share-group-state.ts";
import type { BrokerApi } from "./api.ts";
import { batchesOf } from "./share/state-batches.ts";
import { keptState, refusedStates, type StateResult, stateFine, stateResults } from "./share/state-requests.ts";

const unread = (result: StateResult) => ({ ...result, stateEpoch: 0, startOffset: 0, stateBatches: [] });

export const readShareGroupState: BrokerApi<ReadShareGroupStateRequest, ReadShareGroupStateResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const results = await stateResults(request, context, {
      answer: (place, { partition }) => {
        const { epoch, start, runs } = keptState(context, place);
        return { ...stateFine(partition), stateEpoch: epoch, startOffset: start, stateBatches: batchesOf(runs) };
      },
      refuse: unread,
    });
    return { results };
  },
  refuse: (request, error) => ({ results: refusedStates(request, error, unread) }),
};
