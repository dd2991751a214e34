// An echo server of the gRPC library of Node, as a process. Messages are not decoded, as ours are not.
import { type MethodDefinition, Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { ECHO } from "../../test/kit/backend.ts";

const same = (bytes: Buffer): Buffer => bytes;

/** A unary method whose messages stay bytes. */
export const unaryBytes = (path: string): MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

export type UnaryHandler = (call: { readonly request: Buffer }, done: sendUnaryData<Buffer>) => void;

/** Serves one method on a free port of loopback, and prints the port. */
export const serveUnary = (handler: UnaryHandler): void => {
  const server = new Server();
  server.addService({ UnaryEcho: unaryBytes(ECHO.unary) }, { UnaryEcho: handler });
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
};

if (import.meta.main) serveUnary((call, done) => done(null, call.request));
