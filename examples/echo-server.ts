// The gRPC server behind grpc.proxy and grpc.kafka.proxy: each kind of call answers with what it was sent.
//
//   npx node examples/echo-server.ts [PORT]      default 50051
import type { ServerDuplexStream, ServerReadableStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import { type Served, serve } from "./serve.ts";

interface Echo {
  readonly message: string;
}

/** A server stream sends its message so many times. */
const REPEATS = 10;

const implementation = {
  UnaryEcho(call: ServerUnaryCall<Echo, Echo>, answer: sendUnaryData<Echo>): void {
    answer(null, call.request);
  },

  ServerStreamingEcho(call: ServerWritableStream<Echo, Echo>): void {
    for (let sent = 0; sent < REPEATS; sent++) call.write(call.request);
    call.end();
  },

  /** Answers with all messages in one. */
  ClientStreamingEcho(call: ServerReadableStream<Echo, Echo>, answer: sendUnaryData<Echo>): void {
    const messages: string[] = [];
    call.on("data", ({ message }: Echo) => messages.push(message));
    call.on("end", () => answer(null, { message: messages.join(" ") }));
  },

  BidirectionalStreamingEcho(call: ServerDuplexStream<Echo, Echo>): void {
    call.on("data", (echo: Echo) => call.write(echo));
    call.on("end", () => call.end());
  },
};

export const echo: Served = {
  proto: new URL("grpc.kafka.proxy/protos/echo.proto", import.meta.url),
  service: "grpc.examples.echo.Echo",
  implementation,
};

if (import.meta.main) await serve(echo, 50051);
