// The messages of the conformance suite, and how they come over a pipe: each behind its length in four bytes.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

/** What the suite's messages are known from. */
export const CONFORMANCE_PROTO = fileURLToPath(new URL("../peers/conformance.proto", import.meta.url));

const { root } = protobuf.parse(readFileSync(CONFORMANCE_PROTO, "utf8"));
const typeOf = (name: string): protobuf.Type => root.lookupType(`connectrpc.conformance.v1.${name}`);

/** Fields by name; what did not come has its default. */
export const decodeAs = <T>(name: string, bytes: Uint8Array): T => {
  const type = typeOf(name);
  return type.toObject(type.decode(bytes), { defaults: false, arrays: true, longs: Number }) as T; // By the proto, as the caller wrote it down.
};

export const encodeAs = (name: string, fields: Readonly<Record<string, unknown>>): Buffer => {
  const type = typeOf(name);
  return Buffer.from(type.encode(type.fromObject(fields)).finish());
};

/** For a pipe. */
export const delimited = (message: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
};

/** The messages of a pipe, until it ends. */
export async function* messagesOf(pipe: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of pipe) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
      const end = 4 + bytes.readUInt32BE();
      yield bytes.subarray(4, end);
      bytes = bytes.subarray(end);
    }
  }
}
