// Header lists as node:http2 gives and takes them, and as the http port has them.
import type { Peer } from "../../../src/ports/connection.ts";
import type { HttpHeaders, HttpRequest, HttpResponse } from "../../../src/ports/http.ts";

/** What RFC 9113 §6.5.2 adds to each field. */
const FIELD_BYTES = 32;

/** A request, and the size of its header list. */
export interface ReadRequest {
  readonly request: HttpRequest;
  readonly bytes: number;
}

/** From the flat list `name, value, name, value, …` of a HEADERS frame. */
export const readRequest = (raw: readonly string[], peer: Peer): ReadRequest => {
  const headers: (readonly [string, string])[] = [];
  let method = "";
  let scheme = "";
  let authority = "";
  let path = "";
  let bytes = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!;
    const value = raw[i + 1]!;
    bytes += name.length + value.length + FIELD_BYTES;
    if (name.charCodeAt(0) !== 0x3a) headers.push([name, value]);
    else if (name === ":method") method = value;
    else if (name === ":scheme") scheme = value;
    else if (name === ":authority") authority = value;
    else if (name === ":path") path = value;
  }
  if (authority === "") authority = headers.find(([name]) => name === "host")?.[1] ?? "";
  return { request: { method, scheme, authority, path, headers, peer }, bytes };
};

/** From the flat list of a response's HEADERS frame or of its trailers; the status only where there is one. */
export const readResponse = (raw: readonly string[]): HttpResponse => {
  const headers: (readonly [string, string])[] = [];
  let status: number | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!;
    if (name.charCodeAt(0) !== 0x3a) headers.push([name, raw[i + 1]!]);
    else if (name === ":status") status = Number(raw[i + 1]);
  }
  return status === undefined ? { headers } : { status, headers };
};

export const writeRequest = ({ method, scheme, authority, path, headers }: HttpRequest): string[] => {
  const raw = [":method", method, ":scheme", scheme, ":authority", authority, ":path", path];
  for (const [name, value] of headers) raw.push(name, value);
  return raw;
};

export const writeResponse = ({ status = 200, headers }: HttpResponse): string[] => {
  const raw = [":status", String(status)];
  for (const [name, value] of headers) raw.push(name, value);
  return raw;
};

/** Trailers are the one list that node:http2 takes as an object only; values of one name in their order. */
export const writeTrailers = (headers: HttpHeaders): Record<string, string | string[]> => {
  const trailers: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const known = Object.hasOwn(trailers, name) ? trailers[name] : undefined;
    if (known !== undefined) trailers[name] = typeof known === "string" ? [known, value] : [...known, value];
    else if (name === "__proto__") Object.defineProperty(trailers, name, { value, enumerable: true, writable: true });
    else trailers[name] = value;
  }
  return trailers;
};
