// The header of a request and of a response. The client id is never compact, so that every version's header can be read this far.
import { type Encoding, Reader } from "../../kafka/wire/reader.ts";
import { Writer } from "../../kafka/wire/writer.ts";

export interface RequestHeader {
  readonly key: number;
  readonly version: number;
  readonly correlation: number;
  readonly clientId: string;
  /** Where the rest begins: tagged fields where the version is flexible, then the body. */
  readonly at: number;
}

/** Of a frame that has none. */
export const NO_HEADER: RequestHeader = { key: -1, version: 0, correlation: 0, clientId: "", at: 0 };

/** Throws a WireError. */
export const readHeader = (frame: Uint8Array): RequestHeader => {
  const from = new Reader(frame, "classic");
  const head = { key: from.int16(), version: from.int16(), correlation: from.int32(), clientId: from.nullableString() ?? "" };
  return { ...head, at: from.position };
};

/** The body of a request: what follows the header, its tagged fields passed over. */
export const bodyOf = (frame: Uint8Array, { at }: RequestHeader, encoding: Encoding): Uint8Array => {
  if (encoding === "classic") return frame.subarray(at);
  const from = new Reader(frame.subarray(at), "flexible");
  from.tags();
  return from.bytes.subarray(from.position);
};

/** A whole response, its length first. */
export const framed = (correlation: number, body: readonly Uint8Array[], encoding: Encoding): readonly Uint8Array[] => {
  const headerBytes = encoding === "flexible" ? 5 : 4;
  const length = body.reduce((sum, piece) => sum + piece.length, headerBytes);
  const head = new Writer("classic").int32(length).int32(correlation);
  if (encoding === "flexible") head.int8(0);
  return [...head.pieces(), ...body];
};

/** A whole frame without a header, its length first. */
export const bareFrame = (body: Uint8Array): readonly Uint8Array[] => new Writer("classic").int32(body.length).raw(body).pieces();
