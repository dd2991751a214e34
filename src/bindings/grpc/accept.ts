// Whether a request is a call that can be served: the checks in their order, and what a refusal says.
import { Code, type Status, StatusError } from "../../core/status.ts";
import { parseTimeoutMs } from "../../exchange/timeout.ts";
import type { Call, Grpc, Metadata } from "../../ports/grpc.ts";
import type { HttpHeaders, HttpRequest } from "../../ports/http.ts";
import { ACCEPT_ENCODING, type Encoding, encodingOf } from "./compression.ts";
import { type Form, formFor, PLAIN } from "./form.ts";
import { requestMetadata } from "./metadata.ts";
import type { Methods } from "./methods.ts";
import { routed } from "./routes.ts";

export interface Accepted {
  readonly form: Form;
  readonly call: Call;
  readonly to: Grpc;
  /** Of the request's compressed messages. */
  readonly encoding: Encoding;
}

/** The answer to a request that becomes no call. */
export interface Refused {
  readonly form: Form;
  readonly httpStatus: number;
  readonly status: Status;
  readonly headers: HttpHeaders;
}

const NO_HEADERS: HttpHeaders = [];
const ACCEPTED_ENCODINGS: HttpHeaders = [["grpc-accept-encoding", ACCEPT_ENCODING]];

/** A refusal on its way out of the checks. */
class Refusal extends Error {
  readonly refused: Omit<Refused, "form">;
  constructor(code: number, message: string, { httpStatus = 200, headers = NO_HEADERS }: Partial<Refused> = {}) {
    super(message);
    this.refused = { httpStatus, status: { code, message }, headers };
  }
}

/** The headers that say how the call is made. */
interface Heads {
  contentType?: string;
  te?: string;
  timeout?: string;
  encoding?: string;
}

const headsOf = (headers: HttpHeaders): Heads => {
  const heads: Heads = {};
  for (const [name, value] of headers) {
    if (name === "content-type") heads.contentType = value;
    else if (name === "te") heads.te = value;
    else if (name === "grpc-encoding") heads.encoding = value;
    else if (name === "grpc-timeout") heads.timeout = heads.timeout === undefined ? value : `${heads.timeout}, ${value}`;
  }
  return heads;
};

export interface Acceptance {
  readonly methods: Methods;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** The call that a request is, or what to answer instead. */
export const accept = (request: HttpRequest, acceptance: Acceptance): Accepted | Refused => {
  const heads = headsOf(request.headers);
  const form = formFor(heads.contentType);
  try {
    return accepted({ request, heads, form }, acceptance);
  } catch (reason) {
    if (reason instanceof Refusal) return { form: form ?? PLAIN, ...reason.refused };
    if (reason instanceof StatusError) return { form: form ?? PLAIN, httpStatus: 200, status: reason.status, headers: NO_HEADERS };
    throw reason;
  }
};

interface Asked {
  readonly request: HttpRequest;
  readonly heads: Heads;
  readonly form: Form | undefined;
}

const accepted = ({ request, heads, form }: Asked, { methods, nowMs }: Acceptance): Accepted => {
  const { method, path } = request;
  if (method !== "POST") throw new Refusal(Code.INTERNAL, `found the HTTP method ${method}, but POST is needed`, { httpStatus: 405 });
  const target = methods.find(path);
  if (!target) throw new Refusal(Code.UNIMPLEMENTED, `the method '${path.slice(1)}' is not known`);
  if (!form) throw unsupported(heads.contentType);
  if (form.web === "none" && heads.te !== "trailers") throw new Refusal(Code.ABORTED, "'te: trailers' is missing");
  const metadata = requestMetadata(request.headers);
  const deadlineMs = nowMs + timeoutOf(heads.timeout);
  const to = routed(target.routes, metadata);
  if (!to) throw new Refusal(Code.UNIMPLEMENTED, `no route takes this call of '${path.slice(1)}'`);
  const encoding = knownEncoding(heads.encoding);
  if (deadlineMs <= nowMs) throw new Refusal(Code.DEADLINE_EXCEEDED, "the deadline had passed when the call came");
  return { form, call: callOf(request, { ...target, metadata, deadlineMs }), to, encoding };
};

const unsupported = (contentType: string | undefined): Refusal =>
  new Refusal(
    Code.INTERNAL,
    contentType === undefined ? "the content-type is missing" : `the content-type ${JSON.stringify(contentType)} is not supported`,
    {
      httpStatus: 415,
    },
  );

const timeoutOf = (timeout: string | undefined): number => {
  if (timeout === undefined) return Number.POSITIVE_INFINITY;
  const ms = parseTimeoutMs(timeout);
  if (ms === undefined)
    throw new Refusal(Code.INTERNAL, `the grpc-timeout ${JSON.stringify(timeout)} is not up to eight digits and a unit`);
  return ms;
};

const knownEncoding = (value: string | undefined): Encoding => {
  const encoding = encodingOf(value);
  if (encoding) return encoding;
  throw new Refusal(Code.UNIMPLEMENTED, `the grpc-encoding ${JSON.stringify(value)} is not known`, { headers: ACCEPTED_ENCODINGS });
};

type CallFacts = Required<Pick<Call, "service" | "method" | "descriptor" | "deadlineMs">> & { readonly metadata: Metadata };

const callOf = ({ scheme, authority, peer }: HttpRequest, { service, method, descriptor, metadata, deadlineMs }: CallFacts): Call => ({
  service,
  method,
  descriptor,
  scheme,
  authority,
  metadata,
  deadlineMs,
  peer,
});
