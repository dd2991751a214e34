// The services of a binary FileDescriptorSet: what `protoc --descriptor_set_out` and `buf build` write.
import { createRequire } from "node:module";
import type { Method } from "../../ports/grpc.ts";
import type { Services } from "../catalog.ts";

const ENDINGS: readonly string[] = [".binpb", ".desc", ".pb", ".protoset", ".fds"];
const SAMPLE_BYTES = 4096;

/** By the ending of its name, or by bytes that no text has. */
export const isDescriptorSet = (file: string, bytes: Uint8Array): boolean =>
  ENDINGS.some((ending) => file.endsWith(ending)) ||
  bytes.subarray(0, SAMPLE_BYTES).some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20));

type Protobuf = typeof import("@bufbuild/protobuf");
type WellKnown = typeof import("@bufbuild/protobuf/wkt");

/** Services of all files of the set. Throws an Error when the bytes are none. */
export const servicesOfSet = (bytes: Uint8Array): Services => {
  const require = createRequire(import.meta.url);
  const { fromBinary } = require("@bufbuild/protobuf") as Protobuf; // Its own types.
  const { FileDescriptorSetSchema } = require("@bufbuild/protobuf/wkt") as WellKnown; // As well.
  const services = new Map<string, ReadonlyMap<string, Method>>();
  for (const file of fromBinary(FileDescriptorSetSchema, bytes).file) {
    for (const { name, method } of file.service) {
      const methods = method.map(
        (each) => [each.name, { requestStream: each.clientStreaming, responseStream: each.serverStreaming }] as const,
      );
      services.set(file.package === "" ? name : `${file.package}.${name}`, new Map(methods));
    }
  }
  return services;
};
