// The gRPC server of the taxi example: it takes a route and says on which topic the taxi that drives it reports.
//
//   npx node examples/taxi/dispatch-service.ts [PORT]      default 50051
import { type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { type Served, serve } from "../serve.ts";

interface Route {
  readonly key: string;
  readonly duration: number;
  readonly coordinates: readonly unknown[];
}

interface RouteResponse {
  readonly topic: string;
}

/** A route has a beginning and an end. */
const POINTS_MIN = 2;

const implementation = {
  CreateTaxi({ request }: ServerUnaryCall<Route, RouteResponse>, answer: sendUnaryData<RouteResponse>): void {
    if (request.coordinates.length < POINTS_MIN) {
      answer({ code: status.INVALID_ARGUMENT, details: `a route of ${request.coordinates.length} points leads nowhere` });
      return;
    }
    answer(null, { topic: `taxi/${request.key}/location` });
  },
};

export const dispatch: Served = {
  proto: new URL("proto/taxi_route.proto", import.meta.url),
  service: "taxiroute.TaxiRoute",
  implementation,
};

if (import.meta.main) await serve(dispatch, 50051);
