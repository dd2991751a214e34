// ListPartitionReassignments (46), version 0: with one node, none is ever under way.
import {
  listPartitionReassignments as api,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
} from "../kafka/wire/api/46-list-partition-reassignments.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

export const listPartitionReassignments: BrokerApi<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> = {
  api,
  versions: api.versions,
  handle(_request, { broker, client }) {
    if (!broker.access.allows(client, "describe", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, topics: [] };
  },
  refuse: (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message, topics: [] }),
};
