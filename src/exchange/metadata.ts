// gRPC metadata as record headers and back. Binary values travel as their base64 text, both ways, as the original has it.
import { latin1, utf8 } from "../core/bytes.ts";
import type { Metadata } from "../ports/grpc.ts";
import type { RecordHeader, RecordHeaders, StoredRecord } from "../ports/kafka.ts";
import { META_PREFIX } from "./names.ts";

/** Belongs to one connection or one hop (RFC 9110 §7.6.1), or describes the HTTP message and not the call. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie"]);
/** The one name of gRPC's own that belongs to the application: the details of an error. */
const STATUS_DETAILS = "grpc-status-details-bin";

const NO_NAMES: ReadonlySet<string> = new Set();
const NO_HEADERS: RecordHeaders = [];

const belongsToGrpc = (name: string): boolean => name.startsWith("grpc-") && name !== STATUS_DETAILS;

/** Whether a metadata goes to a topic without being asked for: credentials, gRPC's own and what belongs to one connection do not. */
export const isRecorded = (name: string): boolean =>
  !name.startsWith(":") && !belongsToGrpc(name) && !HOP_BY_HOP.has(name) && !CREDENTIALS.has(name);

/**
 * A metadata's value as bytes. HTTP hands values over with one character a byte, so that is undone; text with other characters cannot
 * have come from there and becomes UTF-8.
 */
export const valueBytes = (value: string): Uint8Array => {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit > 0xff) return utf8(value);
    if (unit > 0x7f) return latin1Bytes(value, i);
  }
  return utf8(value);
};

const latin1Bytes = (value: string, from: number): Uint8Array => {
  for (let i = from; i < value.length; i++) if (value.charCodeAt(i) > 0xff) return utf8(value);
  return Buffer.from(value, "latin1");
};

/**
 * The `meta:` headers of a call, in the order of the metadata; a name that comes again is joined with `, ` at its first place.
 * `named` (a route's `with.metadata`) are written although they would not be.
 */
export const metadataHeaders = (metadata: Metadata, named: ReadonlySet<string> = NO_NAMES): RecordHeaders => {
  const recorded = metadata.filter(([name]) => isRecorded(name) || named.has(name));
  if (recorded.length === 0) return NO_HEADERS; // As with most calls.
  const values = new Map<string, string>();
  for (const [name, value] of recorded) {
    const first = values.get(name);
    values.set(name, first === undefined ? value : `${first}, ${value}`);
  }
  const headers: RecordHeader[] = [];
  for (const [name, value] of values) headers.push({ name: META_PREFIX + name, value: valueBytes(value) });
  return headers;
};

const NAME = /^[0-9a-z_.-]+$/; // PROTOCOL-HTTP2, Header-Name.
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** Spaces around it are no part of a value (RFC 9110 §5.5); nor may it have control characters. */
const trimmed = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, "");
const hasControl = (value: string): boolean => {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if ((unit < 0x20 && unit !== 0x09) || unit === 0x7f) return true;
  }
  return false;
};

const add = (to: [string, string][], name: string, value: string): boolean => {
  if (!name.endsWith("-bin")) {
    if (hasControl(value)) return false;
    to.push([name, trimmed(value)]);
    return true;
  }
  // Several values of one binary name travel joined; not every gRPC library takes them apart again, so it is done here.
  const parts = value.split(",").map(trimmed);
  if (!parts.every((part) => BASE64.test(part))) return false;
  for (const part of parts) to.push([name, part]);
  return true;
};

/** Which of a record's `meta:` headers are meant, and who hears of those that are none. */
export interface MetadataRange {
  /** Leave out that many `meta:` headers at the beginning; counted before any is dropped. */
  readonly from?: number;
  /** Only up to that many `meta:` headers from the beginning. */
  readonly to?: number;
  dropped?(name: string): void;
}

/**
 * The metadata in a record's `meta:` headers, in their order, with names in lower case. What gRPC or HTTP keeps for itself is left out,
 * and what cannot be metadata (an illegal name, control characters, a binary value that is not base64, null) is left out and
 * reported to `dropped`: one bad header does not fail a call.
 */
export const headersMetadata = (record: Pick<StoredRecord, "eachHeader">, range: MetadataRange = {}): Metadata => {
  const { from = 0, to = Number.POSITIVE_INFINITY } = range;
  const metadata: [string, string][] = [];
  let index = 0;
  record.eachHeader((header, value) => {
    const at = index++;
    if (at < from || at >= to) return;
    const name = header.slice(META_PREFIX.length).toLowerCase();
    if (belongsToGrpc(name) || HOP_BY_HOP.has(name)) return;
    if (value === null || !NAME.test(name) || !add(metadata, name, latin1(value))) range.dropped?.(name);
  }, META_PREFIX);
  return metadata;
};
