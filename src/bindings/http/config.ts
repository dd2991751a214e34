// What the http bindings are configured with.
import type { Place } from "../../config/place.ts";

export type HttpVersion = "http/1.1" | "h2";

/** Name in lower case and value. */
export type Override = readonly [name: string, value: string];

/** Patterns by header name in lower case, pseudo headers among them; all must match. */
export interface HttpCondition {
  readonly headers: readonly (readonly [name: string, pattern: string])[];
}

export interface HttpRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: always. */
  readonly when: readonly HttpCondition[];
  /** Server: `with.headers.overrides`; values may use `${params.x}`. */
  readonly overrides: readonly Override[];
}

/** `policy: cross-origin`. An absent list allows any. */
export interface AccessControl {
  readonly origins?: readonly string[];
  readonly methods?: readonly string[];
  readonly headers?: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds?: number;
  /** Absent: `*`. */
  readonly expose?: readonly string[];
}

interface HttpConfig {
  readonly namespace: string;
  readonly name: string;
  readonly place: Place;
  /** Both when the file says nothing. */
  readonly versions: readonly HttpVersion[];
  /** `options.overrides`. */
  readonly overrides: readonly Override[];
  /** The binding's own exit is the last of them. */
  readonly routes: readonly HttpRoute[];
}

export interface HttpServerConfig extends HttpConfig {
  /** Absent: `same-origin`, nothing is done. */
  readonly accessControl?: AccessControl;
}

export interface HttpClientConfig extends HttpConfig {}
