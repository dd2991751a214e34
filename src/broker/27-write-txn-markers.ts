// WriteTxnMarkers (27), versions 1 to 2: ends a transaction in single partitions. Between brokers it is how a coordinator does it; here it
// is what tools send to end a transaction that hangs.
import {
  writeTxnMarkers as api,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
} from "../kafka/wire/api/27-write-txn-markers.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import type { Ended } from "./transactions/coordinator.ts";
import { markPartition } from "./transactions/open.ts";
import { codeOfRefusal } from "./transactions/refusals.ts";

type MarkerRequest = WriteTxnMarkersRequest["markers"][number];

const ended = ({ producerId, producerEpoch, coordinatorEpoch, transactionResult }: MarkerRequest): Ended => ({
  producerId,
  epoch: producerEpoch,
  coordinatorEpoch,
  outcome: transactionResult ? "commit" : "abort",
});

type CodeOf = (topic: string, index: number, marker: MarkerRequest) => Promise<number>;

const codeIn =
  ({ broker }: RequestContext): CodeOf =>
  async (topic, index, marker) => {
    try {
      await markPartition(broker.topics.partition(topic, index), ended(marker));
      return ErrorCode.NONE;
    } catch (reason) {
      return codeOfRefusal(reason);
    }
  };

const response = async ({ markers }: WriteTxnMarkersRequest, code: CodeOf): Promise<WriteTxnMarkersResponse> => ({
  markers: await Promise.all(
    markers.map(async (marker) => ({
      producerId: marker.producerId,
      topics: await Promise.all(
        marker.topics.map(async ({ name, partitionIndexes }) => ({
          name,
          partitions: await Promise.all(
            partitionIndexes.map(async (partitionIndex) => ({ partitionIndex, errorCode: await code(name, partitionIndex, marker) })),
          ),
        })),
      ),
    })),
  ),
});

const allRefused = ({ markers }: WriteTxnMarkersRequest, errorCode: number): WriteTxnMarkersResponse => ({
  markers: markers.map(({ producerId, topics }) => ({
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
    })),
  })),
});

export const writeTxnMarkers: BrokerApi<WriteTxnMarkersRequest, WriteTxnMarkersResponse> = {
  api,
  versions: api.versions,
  handle(request, context) {
    if (!context.broker.access.allows(context.client, "clusterAction", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    return response(request, codeIn(context));
  },
  refuse: (request, { code }) => allRefused(request, code),
};
