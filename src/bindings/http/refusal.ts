// Answers that an http binding makes by itself. A gRPC caller looks at `grpc-status` and not at the HTTP status, so it gets one.
import { GRPC_MESSAGE_BYTES_MAX, percentEncode } from "../../core/percent.ts";
import { Code, type Status } from "../../core/status.ts";
import type { HttpRequest, HttpRequests, HttpResponse } from "../../ports/http.ts";
import { IGNORED } from "../../ports/service.ts";

/** gRPC status to HTTP status, where the place that fails does not know better (google.rpc.Code). */
const HTTP_STATUS: Readonly<Record<number, number>> = {
  [Code.CANCELLED]: 499,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.DEADLINE_EXCEEDED]: 504,
  [Code.NOT_FOUND]: 404,
  [Code.ALREADY_EXISTS]: 409,
  [Code.PERMISSION_DENIED]: 403,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 409,
  [Code.OUT_OF_RANGE]: 400,
  [Code.UNIMPLEMENTED]: 501,
  [Code.UNAVAILABLE]: 503,
  [Code.UNAUTHENTICATED]: 401,
};

/** `httpStatus` where the status alone does not tell which. */
export const refusal = (request: HttpRequest, status: Status, httpStatus?: number): HttpResponse => {
  const type = request.headers.find(([name]) => name === "content-type")?.[1] ?? "";
  if (!type.startsWith("application/grpc"))
    return { status: httpStatus ?? HTTP_STATUS[status.code] ?? 500, headers: [["content-length", "0"]] };
  const message: [string, string][] =
    status.message === "" ? [] : [["grpc-message", percentEncode(status.message, GRPC_MESSAGE_BYTES_MAX)]];
  return { status: 200, headers: [["content-type", type], ["grpc-status", String(status.code)], ...message] };
};

/** An exchange that is answered by itself and hears nothing. */
export const answered = (end: () => void): HttpRequests => {
  process.nextTick(end);
  return IGNORED;
};
