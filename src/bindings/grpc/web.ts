// What gRPC-Web does otherwise (PROTOCOL-WEB): the trailers are the last frame of the body, and in its text form the body is base64.
import { buffer } from "../../core/bytes.ts";
import { fail } from "../../core/status.ts";
import type { HttpHeaders } from "../../ports/http.ts";
import type { Batch } from "../../ports/service.ts";
import { PREFIX_BYTES } from "./frame.ts";

const TRAILERS_FLAG = 0x80;

/** Names stay in lower case: there are clients that look for nothing else and would take an error for success. */
export const trailersFrame = (trailers: HttpHeaders): Uint8Array => {
  const text = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + text.length);
  frame[0] = TRAILERS_FLAG;
  frame.writeUInt32BE(text.length, 1);
  frame.write(text, PREFIX_BYTES, "latin1");
  return frame;
};

/** Each chunk padded by itself, so that every write can be read when it comes. */
export const toBase64 = (chunks: Batch<Uint8Array>): Batch<Uint8Array> => [Buffer.from(Buffer.concat(chunks).toString("base64"), "latin1")];

const QUANTUM = 4;
const PADDING = 0x3d;

/** Decodes a body whose parts may each be padded, cut anywhere into chunks. After it has thrown it is of no more use. */
export class Base64Body {
  #rest = "";

  decode(chunk: Uint8Array): Uint8Array {
    const text = this.#rest + buffer(chunk).toString("latin1");
    const whole = text.length - (text.length % QUANTUM);
    this.#rest = text.slice(whole);
    return decodeQuanta(text.slice(0, whole));
  }

  /** The body has ended. Throws INTERNAL inside of a quantum. */
  end(): void {
    if (this.#rest !== "") throw fail("INTERNAL", `the base64 body ends with ${this.#rest.length} characters too many or too few`);
  }
}

const NO_BASE64 = "the body is not base64, which application/grpc-web-text needs";
const DIGITS = /^[A-Za-z0-9+/_=-]*$/;

const decodeQuanta = (text: string): Uint8Array => {
  if (!DIGITS.test(text)) throw fail("INTERNAL", NO_BASE64);
  const bytes = Buffer.allocUnsafe((text.length / QUANTUM) * 3);
  let length = 0;
  let from = 0;
  while (from < text.length) {
    const to = partEnd(text, from);
    if ((to - from) % QUANTUM !== 0) throw fail("INTERNAL", NO_BASE64);
    length += bytes.write(text.slice(from, to), length, "base64");
    from = to;
  }
  return bytes.subarray(0, length);
};

/** Where a part ends: after its padding. */
const partEnd = (text: string, from: number): number => {
  const padded = text.indexOf("=", from);
  if (padded < 0) return text.length;
  return text.charCodeAt(padded + 1) === PADDING ? padded + 2 : padded + 1;
};
