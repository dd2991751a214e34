// DescribeCluster: the brokers, or the controllers, of the cluster.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("DescribeClusterRequest", {
  includeClusterAuthorizedOperations: bool,
  endpointType: since(1, int8, 1),
  includeFencedBrokers: since(2, bool),
});

const describeClusterBroker = struct("DescribeClusterBroker", {
  brokerId: int32,
  host: string,
  port: int32,
  rack: nullableString,
  isFenced: since(2, bool),
});

const response = struct("DescribeClusterResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  endpointType: since(1, int8, 1),
  clusterId: string,
  controllerId: int32,
  brokers: array(describeClusterBroker),
  clusterAuthorizedOperations: int32,
});

export type DescribeClusterRequest = ValueOf<typeof request>;
export type DescribeClusterResponse = ValueOf<typeof response>;

export const describeCluster: Api<DescribeClusterRequest, DescribeClusterResponse> = {
  key: 60,
  name: "DescribeCluster",
  versions: { min: 0, max: 2 },
  flexibleFrom: 0,
  request,
  response,
};
