// What a file of an API gives to the broker: the versions it answers, and how. The shapes are those of kafka/wire/api.
import { type Api, decodeRequest, encodeResponse } from "../kafka/wire/api/api.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { Broker } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";
import type { Answered } from "./coverage.ts";
import type { Asked } from "./network/client.ts";

/** Who asks, how, and whom. */
export interface RequestContext extends Asked {
  readonly broker: Broker;
}

export interface BrokerApi<Request, Response> {
  readonly api: Api<Request, Response>;
  /** What is answered here; what ApiVersions tells. */
  readonly versions: { readonly min: number; readonly max: number };
  /** The oldest version that ApiVersions tells, where that is older than what is answered. */
  readonly toldFrom?: number;
  /** What is left out, for the coverage print; absent: nothing. */
  readonly missing?: string;
  /** Null: no answer is sent (Produce with acks 0). Throws a BrokerError to have the whole request refused. */
  handle(request: Request, context: RequestContext): Response | Promise<Response> | null | Promise<Response | null>;
  /** The response that says of everything in the request that it failed. */
  refuse(request: Request, error: { readonly code: number; readonly message: string }): Response;
}

/** An API whose types are its own business: bodies in, bodies out. */
export interface Handler extends Answered {
  readonly flexibleFrom: number;
  /** Null: no answer. Rejects with a WireError when the body is malformed. */
  answer(body: Uint8Array, context: RequestContext): Promise<readonly Uint8Array[] | null>;
}

/** The handler of an API. What it throws that is no BrokerError is a bug: logged, and UNKNOWN_SERVER_ERROR for the client. */
export const handlerOf = <Request, Response>(of: BrokerApi<Request, Response>): Handler => {
  const { api, versions, toldFrom = versions.min, missing } = of;
  return {
    key: api.key,
    name: api.name,
    versions,
    toldFrom,
    ...(missing === undefined ? {} : { missing }),
    flexibleFrom: api.flexibleFrom,
    async answer(body, context) {
      const request = decodeRequest(api, body, context.version);
      const response = await answered(of, request, context);
      return response === null ? null : encodeResponse(api, response, context.version);
    },
  };
};

const answered = async <Request, Response>(
  of: BrokerApi<Request, Response>,
  request: Request,
  context: RequestContext,
): Promise<Response | null> => {
  try {
    const controlled = await context.broker.controls.ask<Request, Response>(of.api.key, request, context);
    return controlled === undefined ? await of.handle(request, context) : controlled;
  } catch (reason) {
    if (reason instanceof BrokerError) return of.refuse(request, reason);
    context.broker.log.error("a request could not be answered", { api: of.api.name, version: context.version }, reason);
    return of.refuse(request, { code: ErrorCode.UNKNOWN_SERVER_ERROR, message: "" });
  }
};
