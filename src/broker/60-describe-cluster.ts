// DescribeCluster (60), versions 0 to 2: the one broker, which is its own controller. Controllers cannot be asked for: the listener is a
// broker's.
import {
  describeCluster as api,
  type DescribeClusterRequest,
  type DescribeClusterResponse,
} from "../kafka/wire/api/60-describe-cluster.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { authorizedOperations, CLUSTER, NOT_ASKED } from "./access.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

const ENDPOINT = { brokers: 1, controllers: 2 } as const;

export const describeCluster: BrokerApi<DescribeClusterRequest, DescribeClusterResponse> = {
  api,
  versions: api.versions,
  handle({ endpointType, includeClusterAuthorizedOperations }, { broker, client }) {
    if (endpointType === ENDPOINT.controllers)
      throw new BrokerError("MISMATCHED_ENDPOINT_TYPE", "controllers are asked for at a listener of brokers");
    if (endpointType !== ENDPOINT.brokers)
      throw new BrokerError("UNSUPPORTED_ENDPOINT_TYPE", `there are no endpoints of type ${endpointType}`);
    const { nodeId, clusterId, advertised, settings } = broker;
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      endpointType,
      clusterId,
      controllerId: nodeId,
      brokers: [{ brokerId: nodeId, ...advertised, rack: settings.text("broker.rack"), isFenced: false }],
      clusterAuthorizedOperations: includeClusterAuthorizedOperations ? authorizedOperations(broker.access, client, CLUSTER) : NOT_ASKED,
    };
  },
  refuse: (_request, { code, message }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    errorMessage: message,
    endpointType: ENDPOINT.brokers,
    clusterId: "",
    controllerId: -1,
    brokers: [],
    clusterAuthorizedOperations: NOT_ASKED,
  }),
};
