// Which http route takes a request, and what it changes in it.
import { patternOf } from "../../config/pattern.ts";
import type { HttpHeaders, HttpRequest } from "../../ports/http.ts";
import type { HttpCondition, HttpRoute, Override } from "./config.ts";

/** What `{name}` pieces of a pattern stood for. */
type Params = Readonly<Record<string, string>>;

const NO_PARAMS: Params = {};

export interface Router<Target> {
  /** The first route that takes the request; undefined when none does. */
  find(request: HttpRequest): { readonly target: Target; readonly request: HttpRequest } | undefined;
}

/** Routes with what they lead to; the request that `find` returns has the route's overrides and those of all routes. */
export const router = <Target>(
  routes: readonly HttpRoute[],
  overrides: readonly Override[],
  target: (route: HttpRoute) => Target,
): Router<Target> => {
  const prepared = routes.map((route) => ({
    target: target(route),
    when: route.when.map(conditionMatcher),
    overrides: [...overrides, ...route.overrides],
  }));
  return {
    find(request) {
      for (const route of prepared) {
        const params = route.when.length === 0 ? NO_PARAMS : firstMatch(route.when, request);
        if (params) return { target: route.target, request: overridden(request, route.overrides, params) };
      }
      return undefined;
    },
  };
};

type Matcher = (request: HttpRequest) => Params | undefined;

const firstMatch = (matchers: readonly Matcher[], request: HttpRequest): Params | undefined => {
  for (const matches of matchers) {
    const params = matches(request);
    if (params) return params;
  }
  return undefined;
};

const conditionMatcher = ({ headers }: HttpCondition): Matcher => {
  const patterns = headers.map(([name, text]) => ({
    name,
    capture: name === ":path" && !text.endsWith("*") ? ofPath(text) : ofText(text),
  }));
  return (request) => {
    let params = NO_PARAMS;
    for (const { name, capture } of patterns) {
      const value = headerOf(request, name);
      const found = value === undefined ? undefined : capture(value);
      if (!found) return undefined;
      params = { ...params, ...found };
    }
    return params;
  };
};

type Capture = (value: string) => Params | undefined;

const ofText = (text: string): Capture => {
  const pattern = patternOf(text);
  return (value) => pattern.captures(value);
};

/** A path pattern that does not end in `*` also takes the path with a query behind it. */
const ofPath = (text: string): Capture => {
  const pattern = patternOf(text);
  return (value) => {
    const at = value.indexOf("?");
    return pattern.captures(value) ?? (at < 0 ? undefined : pattern.captures(value.slice(0, at)));
  };
};

/** A pseudo header, or all values of a header joined. */
const headerOf = (request: HttpRequest, name: string): string | undefined => {
  if (name.charCodeAt(0) === 0x3a) return pseudoOf(request, name);
  let value: string | undefined;
  for (const header of request.headers) if (header[0] === name) value = value === undefined ? header[1] : `${value}, ${header[1]}`;
  return value;
};

const pseudoOf = ({ method, scheme, authority, path }: HttpRequest, name: string): string | undefined => {
  if (name === ":path") return path;
  if (name === ":authority") return authority;
  if (name === ":method") return method;
  return name === ":scheme" ? scheme : undefined;
};

/** The request with headers set: in the place of the first of that name, others of it removed, else at the end. */
export const overridden = (request: HttpRequest, overrides: readonly Override[], params: Params = NO_PARAMS): HttpRequest => {
  if (overrides.length === 0) return request;
  let changed = request;
  for (const [name, text] of overrides) {
    const value = text.replace(/\$\{params\.([^}]+)\}/g, (_whole, param: string) => params[param] ?? "");
    if (name === ":path") changed = { ...changed, path: value };
    else if (name === ":authority") changed = { ...changed, authority: value };
    else if (name === ":method") changed = { ...changed, method: value };
    else if (name === ":scheme") changed = { ...changed, scheme: value };
    else changed = { ...changed, headers: withHeader(changed.headers, name, value) };
  }
  return changed;
};

const withHeader = (headers: HttpHeaders, name: string, value: string): HttpHeaders => {
  const at = headers.findIndex(([known]) => known === name);
  if (at < 0) return [...headers, [name, value]];
  return headers.flatMap((header, index) => (index === at ? [[name, value] as const] : header[0] === name ? [] : [header]));
};

/** `host:80` or `host:443` where the authority names no port: patterns and the original expect one. */
export const withPort = (authority: string, scheme: string): string => {
  if (authority === "" || hasPort(authority)) return authority;
  return `${authority}:${scheme === "https" ? 443 : 80}`;
};

/** Without a regular expression: it is asked for each request. */
const hasPort = (authority: string): boolean => {
  let at = authority.length - 1;
  while (at > 0 && isDigit(authority.charCodeAt(at))) at -= 1;
  return at < authority.length - 1 && authority.charCodeAt(at) === COLON;
};
const COLON = 0x3a;
const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
