// Header lists on their way out: HEADERS frames of what the http port has.
import type { HttpHeaders, HttpRequest, HttpResponse } from "../ports/http.ts";
import { Flag } from "./frame.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { FIELD_OVERHEAD_BYTES, HpackEncoder } from "./hpack-encoder.ts";

/** A message's head, or trailers: a response without a status. */
export type Headers = HttpRequest | HttpResponse;

/** All lists of one connection, since they share a table. */
export class HeaderWriter {
  readonly #encoder = new HpackEncoder();
  readonly #writer: FrameWriter;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  resize(bytesMax: number): void {
    this.#encoder.resize(bytesMax);
  }

  /** `flags`: END_STREAM or none. Throws INTERNAL when HTTP/2 cannot carry a header; then nothing is written. */
  write(stream: number, flags: number, headers: Headers): void {
    const writer = this.#writer;
    const encoder = this.#encoder;
    const at = writer.beginBlock(bytesMaxOf(headers));
    encoder.begin(writer.room, at);
    if ("method" in headers) {
      encoder.field(":method", headers.method);
      encoder.field(":scheme", headers.scheme);
      encoder.field(":authority", headers.authority);
      encoder.field(":path", headers.path);
    } else if (headers.status !== undefined) encoder.field(":status", statusText(headers.status));
    for (const [name, value] of headers.headers) encoder.field(name, value);
    writer.endBlock(stream, flags & Flag.END_STREAM, encoder.end);
  }
}

const bytesMaxOf = (headers: Headers): number => {
  const bytes = HpackEncoder.BEGIN_BYTES + FIELD_OVERHEAD_BYTES + bytesOf(headers.headers);
  if (!("method" in headers)) return bytes;
  return bytes + 4 * FIELD_OVERHEAD_BYTES + headers.method.length + headers.scheme.length + headers.authority.length + headers.path.length;
};

const bytesOf = (headers: HttpHeaders): number => {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length + FIELD_OVERHEAD_BYTES;
  return bytes;
};

const OK = "200";
const statusText = (status: number): string => (status === 200 ? OK : String(status));
