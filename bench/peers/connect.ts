// An echo server of Connect for Node, as a process, with its service described at run time.
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, createFileRegistry, type DescMessage, type DescMethodUnary } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ECHO_SERVICE } from "../../test/kit/backend.ts";

const dot = ECHO_SERVICE.lastIndexOf(".");
const [packageName, serviceName] = [ECHO_SERVICE.slice(0, dot), ECHO_SERVICE.slice(dot + 1)];
const label = FieldDescriptorProto_Label.OPTIONAL;
const type = FieldDescriptorProto_Type.BYTES;
const file = {
  name: "echo.proto",
  package: packageName,
  syntax: "proto3",
  messageType: [{ name: "EchoMessage", field: [{ name: "message", number: 1, label, type, jsonName: "message" }] }],
  service: [
    {
      name: serviceName,
      method: [{ name: "UnaryEcho", inputType: `.${packageName}.EchoMessage`, outputType: `.${packageName}.EchoMessage` }],
    },
  ],
};
const service = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getService(ECHO_SERVICE);
const method = service?.method["unaryEcho"] as DescMethodUnary<DescMessage, DescMessage> | undefined; // As it is described above.
if (!method) throw new Error(`${ECHO_SERVICE} was described, but is not there`);

const server = createServer(
  connectNodeAdapter({
    connect: false,
    grpcWeb: false,
    routes: (router) => router.rpc(method, (request) => request),
  }),
);
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`)); // It listens on a port.
