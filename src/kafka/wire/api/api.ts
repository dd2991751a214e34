// What an API of the protocol is: its number and name, which versions are described here, and the shapes of both directions.
import { type Encoding, Reader } from "../reader.ts";
import type { Type } from "../type.ts";
import { Writer } from "../writer.ts";

export interface Api<Request, Response> {
  /** Its number on the wire. */
  readonly key: number;
  /** As the protocol's own documents spell it. */
  readonly name: string;
  /** The versions that both shapes describe. */
  readonly versions: { readonly min: number; readonly max: number };
  /** From this version on lengths are compact and fields may be tagged; Infinity for none. */
  readonly flexibleFrom: number;
  readonly request: Type<Request>;
  readonly response: Type<Response>;
}

export const encodingOf = ({ flexibleFrom }: { readonly flexibleFrom: number }, version: number): Encoding =>
  version >= flexibleFrom ? "flexible" : "classic";

/** A body after its header. Throws a WireError. */
export const decodeRequest = <Request>(api: Api<Request, unknown>, body: Uint8Array, version: number): Request =>
  api.request.read(new Reader(body, encodingOf(api, version)), version);

export const encodeRequest = <Request>(api: Api<Request, unknown>, request: Request, version: number): readonly Uint8Array[] => {
  const to = new Writer(encodingOf(api, version));
  api.request.write(to, request, version);
  return to.pieces();
};

/** A body after its header. Throws a WireError. */
export const decodeResponse = <Response>(api: Api<unknown, Response>, body: Uint8Array, version: number): Response =>
  api.response.read(new Reader(body, encodingOf(api, version)), version);

export const encodeResponse = <Response>(api: Api<unknown, Response>, response: Response, version: number): readonly Uint8Array[] => {
  const to = new Writer(encodingOf(api, version));
  api.response.write(to, response, version);
  return to.pieces();
};
