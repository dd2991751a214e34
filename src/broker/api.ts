// What a file of an API gives to the broker: the versions it answers, and how. The shapes are those of kafka/wire/api.
import { type Api, decodeRequest, encodeResponse } from "../kafka/wire/api/api.ts";
import { ErrorCode, type KafkaErrorName } from "../kafka/wire/errors.ts";
import type { Broker } from "./broker.ts";
import type { Client } from "./network/client.ts";

/** Who asks, and how. */
export interface RequestContext {
  readonly version: number;
  /** As the client calls itself; "" for none. */
  readonly clientId: string;
  readonly client: Client;
  readonly broker: Broker;
}

/** A refusal with one of Kafka's codes; the API's `refuse` makes the response of it. */
export class BrokerError extends Error {
  readonly code: number;

  constructor(name: KafkaErrorName, message = "") {
    super(message || name);
    this.name = name;
    this.code = ErrorCode[name];
  }
}

export interface BrokerApi<Request, Response> {
  readonly api: Api<Request, Response>;
  /** What is answered here; what ApiVersions tells. */
  readonly versions: { readonly min: number; readonly max: number };
  /** What is left out, for the coverage print; absent: nothing. */
  readonly missing?: string;
  /** Null: no answer is sent (Produce with acks 0). Throws a BrokerError to have the whole request refused. */
  handle(request: Request, context: RequestContext): Response | Promise<Response> | null | Promise<Response | null>;
  /** The response that says of everything in the request that it failed. */
  refuse(request: Request, error: { readonly code: number; readonly message: string }): Response;
}

/** An API whose types are its own business: bodies in, bodies out. */
export interface Handler {
  readonly key: number;
  readonly name: string;
  readonly versions: { readonly min: number; readonly max: number };
  readonly missing?: string;
  readonly flexibleFrom: number;
  /** Null: no answer. Rejects with a WireError when the body is malformed. */
  answer(body: Uint8Array, context: RequestContext): Promise<readonly Uint8Array[] | null>;
}

/** Sees every request of an API before it is handled: for tests that delay, fail or watch. */
export type Control<Request, Response> = (
  request: Request,
  context: RequestContext,
) => undefined | Response | Promise<undefined | Response>;

/** The handler of an API. What it throws that is no BrokerError is a bug: logged, and UNKNOWN_SERVER_ERROR for the client. */
export const handlerOf = <Request, Response>(of: BrokerApi<Request, Response>): Handler => {
  const { api, versions, missing } = of;
  return {
    key: api.key,
    name: api.name,
    versions,
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
