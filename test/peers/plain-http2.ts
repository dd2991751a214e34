// An HTTP/2 server in a process of its own, for suites and tools that judge servers from outside:
//
//   node test/peers/plain-http2.ts PORT [sluice|node|bare|grpc-js]
//
// It answers every request 200 with a small body, over the layer named: ours, the one on node:http2, a server of node:http2 as Node gives
// it, or one of grpc-js. Port 0 is one that is free; the port is told in a line.
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { LAYER_NAMES, type LayerName, listenHttp2 } from "../kit/http2-layers.ts";
import { LARGE_BODY_BYTES, LARGE_PATH, plainService, SMALL_BODY, SMALL_PATH } from "../kit/plain-service.ts";

const LARGE = Buffer.alloc(LARGE_BODY_BYTES, 0x61);

const bare = async (port: number): Promise<number> => {
  const server = createServer();
  server.on("stream", (stream, { ":path": path }) => {
    stream.on("error", () => {});
    stream.resume().on("end", () => {
      if (stream.destroyed) return;
      stream.respond({ ":status": 200, "content-type": "text/plain" });
      stream.end(path === LARGE_PATH ? LARGE : SMALL_BODY);
    });
  });
  server.on("sessionError", () => {});
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // Listening on tcp.
};

const identity = (bytes: Buffer): Buffer => bytes;

const unary = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
});

const grpcJs = (port: number): Promise<number> => {
  const server = new Server();
  const implementation: UntypedServiceImplementation = {
    small: (_call: unknown, answer: (error: null, reply: Buffer) => void) => answer(null, SMALL_BODY),
    large: (_call: unknown, answer: (error: null, reply: Buffer) => void) => answer(null, LARGE),
  };
  server.addService({ small: unary(SMALL_PATH), large: unary(LARGE_PATH) }, implementation);
  return new Promise((bound, failed) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (reason, got) => (reason ? failed(reason) : bound(got)));
  });
};

const isLayer = (name: string): name is LayerName => LAYER_NAMES.some((known) => known === name);

const listen = async (port: number, name: string): Promise<number> => {
  if (isLayer(name)) return (await listenHttp2(name, plainService, { port })).port;
  if (name === "bare") return bare(port);
  if (name === "grpc-js") return grpcJs(port);
  throw new Error(`found '${name}', but this listens over ${LAYER_NAMES.join(", ")}, bare or grpc-js`);
};

const [port = "0", name = "sluice"] = process.argv.slice(2);
process.stdout.write(`listening on ${await listen(Number(port), name)}\n`);
