// Cross-origin requests of browsers (Fetch, "CORS protocol"): preflights are answered here, other origins are refused, and every
// response says what a page may see of it.

import { fail, OK, type Status } from "../../core/status.ts";
import type { Http, HttpHeaders, HttpReply, HttpRequest, HttpResponse } from "../../ports/http.ts";
import type { Batch } from "../../ports/service.ts";
import type { AccessControl } from "./config.ts";
import { answered, refusal } from "./refusal.ts";

/** The service under `policy: cross-origin`. */
export const crossOrigin = (rules: AccessControl, service: Http): Http => {
  return (request, reply) => {
    const origin = fieldOf(request, "origin");
    const asked = request.method === "OPTIONS" && origin !== undefined ? fieldOf(request, "access-control-request-method") : undefined;
    const decorated = new DecoratedReply(reply, responseHeaders(rules, origin));
    if (origin !== undefined && !allowed(rules, request, { origin, asked })) return answered(() => decorated.end(OK, forbidden(request)));
    if (asked !== undefined) return answered(() => decorated.end(OK, preflight(rules, request, asked)));
    return service(request, decorated);
  };
};

/** A response that the binding makes, with what pages may see of it. */
export const crossOriginResponse = (rules: AccessControl, request: HttpRequest, response: HttpResponse): HttpResponse =>
  withHeaders(response, responseHeaders(rules, fieldOf(request, "origin")));

/** Methods that a page may always use (Fetch, "CORS-safelisted method"). */
const SAFELISTED_METHODS = ["GET", "HEAD", "POST"];

const fieldOf = (request: HttpRequest, name: string): string | undefined => request.headers.find(([known]) => known === name)?.[1];

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list === undefined || list.some((each) => each === "*" || each.toLowerCase() === value.toLowerCase());

/** `asked` is the method that a preflight asks for. */
interface Asked {
  readonly origin: string;
  readonly asked: string | undefined;
}

const allowed = ({ origins, methods, headers }: AccessControl, request: HttpRequest, { origin, asked }: Asked): boolean => {
  if (asked === undefined && sameOrigin(request, origin)) return true;
  const method = asked ?? request.method;
  if (!has(origins, origin) || !(has(methods, method) || SAFELISTED_METHODS.includes(method))) return false;
  const names = asked === undefined ? [] : listed(fieldOf(request, "access-control-request-headers") ?? "");
  return names.every((name) => has(headers, name));
};

/** A page's own origin; the port may be left out on either side where it is the scheme's. */
const sameOrigin = ({ scheme, authority }: HttpRequest, origin: string): boolean => {
  try {
    return new URL(origin).origin === new URL(`${scheme}://${authority}`).origin;
  } catch {
    return false; // `null`, or nothing that is an origin: another one.
  }
};

const listed = (value: string): readonly string[] =>
  value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/** With credentials or a list of origins, the answer names the caller's. */
const echoes = ({ origins, credentials }: AccessControl): boolean => origins !== undefined || credentials;

const responseHeaders = (rules: AccessControl, origin: string | undefined): HttpHeaders => {
  const expose = (rules.expose ?? ["*"]).map((name) => ["access-control-expose-headers", name] as const);
  if (!echoes(rules)) return [["access-control-allow-origin", "*"], ...expose];
  if (origin === undefined || !has(rules.origins, origin)) return [["vary", "origin"]];
  const credentials = rules.credentials ? [["access-control-allow-credentials", "true"] as const] : [];
  return [["access-control-allow-origin", origin], ...credentials, ["vary", "origin"], ...expose];
};

const preflight = ({ methods, headers, maxAgeSeconds }: AccessControl, request: HttpRequest, method: string): HttpResponse => {
  const names = headers ?? listed(fieldOf(request, "access-control-request-headers") ?? "");
  return {
    status: 204,
    headers: [
      ["access-control-allow-methods", (methods ?? [method]).join(", ")],
      ...(names.length > 0 ? [["access-control-allow-headers", names.join(", ")] as const] : []),
      ...(maxAgeSeconds === undefined ? [] : [["access-control-max-age", String(maxAgeSeconds)] as const]),
    ],
  };
};

const forbidden = (request: HttpRequest): HttpResponse =>
  refusal(request, fail("PERMISSION_DENIED", "the origin, method or headers are not allowed here").status);

const withHeaders = (response: HttpResponse, headers: HttpHeaders): HttpResponse => ({
  ...response,
  headers: [...response.headers, ...headers],
});

class DecoratedReply implements HttpReply {
  readonly #reply: HttpReply;
  readonly #headers: HttpHeaders;
  #begun = false;

  constructor(reply: HttpReply, headers: HttpHeaders) {
    this.#reply = reply;
    this.#headers = headers;
  }
  headers(meta: HttpResponse): void {
    this.#begun = true;
    this.#reply.headers(withHeaders(meta, this.#headers));
  }
  write(batch: Batch<Uint8Array>): boolean {
    if (!this.#begun) this.headers({ status: 200, headers: [] });
    return this.#reply.write(batch);
  }
  end(status: Status, trailers?: HttpResponse): void {
    if (this.#begun || status.code !== OK.code) this.#reply.end(status, trailers);
    else if (trailers?.status !== undefined) this.#reply.end(status, withHeaders(trailers, this.#headers));
    else {
      this.headers({ status: 200, headers: [] });
      this.#reply.end(status, trailers);
    }
  }
  ready(): void {
    this.#reply.ready();
  }
}
