// Metadata and HTTP headers. Inwards they are checked, and what belongs to HTTP or to gRPC itself is taken out; outwards they are made
// legal or left out: metadata may come from a topic, where anybody can write anything, and must not break the stream of others.
import { fail } from "../../core/status.ts";
import type { Metadata } from "../../ports/grpc.ts";
import type { HttpHeaders } from "../../ports/http.ts";

/** Describes the HTTP message or one connection, and is not the application's. `service-name` is the original's, without effect. */
const HTTP_NAMES: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "service-name",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);
/** gRPC's own names that a server may set for its callers. */
const ANSWER_NAMES: ReadonlySet<string> = new Set(["grpc-status-details-bin", "grpc-retry-pushback-ms"]);

const isReserved = (name: string): boolean => HTTP_NAMES.has(name) || name.startsWith("grpc-");
const isReservedInAnswers = (name: string): boolean => isReserved(name) && !ANSWER_NAMES.has(name);

/** `[0-9a-z_.-]`, the characters of a name (PROTOCOL-HTTP2, "Header-Name"). */
const isNameUnit = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) || unit === 0x2d || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f || unit === 0x2e;
const isName = (name: string): boolean => {
  for (let i = 0; i < name.length; i++) if (!isNameUnit(name.charCodeAt(i))) return false;
  return name.length > 0;
};

/** No control characters, and one character a byte (RFC 9113 §8.2.1). Bytes above ASCII are legal and left alone. */
const isValue = (value: string): boolean => {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if ((unit < 0x20 && unit !== 0x09) || unit === 0x7f || unit > 0xff) return false;
  }
  return true;
};

const BASE64_LIST = /^[A-Za-z0-9+/_-]*={0,2}(?:[ \t]*,[ \t]*[A-Za-z0-9+/_-]*={0,2})*$/;
const isBinary = (name: string): boolean => name.endsWith("-bin");

/** The metadata of a request's headers. Throws INTERNAL, as gRPC libraries do, and names the one that is none. */
export const requestMetadata = (headers: HttpHeaders): Metadata => {
  const metadata: (readonly [string, string])[] = [];
  for (const header of headers) {
    const [name, value] = header;
    if (isReserved(name)) continue;
    if (!isName(name)) throw fail("INTERNAL", `the metadata name ${JSON.stringify(name)} has characters that are not allowed`);
    if (!isValue(value)) throw fail("INTERNAL", `the value of the metadata '${name}' has characters that are not allowed`);
    if (isBinary(name) && !BASE64_LIST.test(value)) throw fail("INTERNAL", `the value of the metadata '${name}' is not base64`);
    metadata.push(header);
  }
  return metadata;
};

/** The metadata of a server's headers or trailers: nothing is refused here, since the answer is already on its way. */
export const answerMetadata = (headers: HttpHeaders): Metadata => headers.filter(([name]) => !isReservedInAnswers(name));

/** Metadata as headers of a request; what had to be left out is named to `dropped`. */
export const requestHeaders = (metadata: Metadata, dropped: (name: string) => void): HttpHeaders =>
  legalHeaders(metadata, { isReserved, dropped });

/** Metadata as headers or trailers of a response; what had to be left out is named to `dropped`. */
export const answerHeaders = (metadata: Metadata, dropped: (name: string) => void): HttpHeaders =>
  legalHeaders(metadata, { isReserved: isReservedInAnswers, dropped });

interface Outwards {
  readonly isReserved: (name: string) => boolean;
  readonly dropped: (name: string) => void;
}

const legalHeaders = (metadata: Metadata, { isReserved, dropped }: Outwards): HttpHeaders => {
  const headers: (readonly [string, string])[] = [];
  for (const entry of metadata) {
    const name = isName(entry[0]) ? entry[0] : entry[0].toLowerCase();
    if (!isName(name) || isReserved(name)) dropped(name);
    else if (isBinary(name) ? !BASE64_LIST.test(entry[1]) : !isValue(entry[1])) dropped(name);
    else if (isBinary(name)) headers.push(...binaryHeaders(name, entry[1]));
    else headers.push(name === entry[0] && isTrimmed(entry[1]) ? entry : [name, entry[1].trim()]);
  }
  return headers;
};

const isTrimmed = (value: string): boolean =>
  value.length === 0 || (value.charCodeAt(0) > 0x20 && value.charCodeAt(value.length - 1) > 0x20);

/** Several values of one name travel joined; not every library takes them apart, and not every one knows both alphabets. */
const binaryHeaders = (name: string, value: string): HttpHeaders =>
  value.split(",").map((part) => [name, part.trim().replaceAll("-", "+").replaceAll("_", "/")]);
