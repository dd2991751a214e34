// The two implementations of HTTP/2, each listening on loopback in front of a service, for whoever judges them with the same things.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { Counters } from "../../src/core/counters.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import { type HttpCounters, httpCounters } from "../../src/http2/counters.ts";
import { Http2Server } from "../../src/http2/server.ts";
import type { Http2ServerOptions } from "../../src/http2/server-options.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Http } from "../../src/ports/http.ts";
import { Http2Server as NodeHttp2Server } from "../peers/node-http2/server.ts";

type Make = (connection: Connection, service: Http, options: Http2ServerOptions) => unknown;

/** By name: ours, and the one on node:http2. */
export const LAYERS = {
  sluice: (...given) => new Http2Server(...given),
  node: (...given) => new NodeHttp2Server(...given),
} as const satisfies Readonly<Record<string, Make>>;
export type LayerName = keyof typeof LAYERS;
export const LAYER_NAMES = Object.keys(LAYERS) as readonly LayerName[]; // The keys of that record.

export const STREAMS_MAX = 100;
export const HEADER_LIST_BYTES_MAX = 16_384;

export interface ListenOptions {
  readonly port?: number;
  readonly clock?: Clock;
  readonly tls?: TlsOptions;
  /** What was thrown inside and was not meant for a caller. */
  threw?(reason: Error): void;
}

export interface Listening {
  readonly port: number;
  readonly counters: HttpCounters;
  /** Ends its connections too. */
  close(): Promise<void>;
}

/** Listens until it is closed. */
export const listenHttp2 = async (layer: LayerName, service: Http, options: ListenOptions = {}): Promise<Listening> => {
  const { clock = systemClock, port = 0, tls, threw = () => {} } = options;
  const wheel = new Wheel(clock);
  const counters = httpCounters(new Counters(), { namespace: "test", binding: "http" });
  const sockets = new Set<Socket>();
  const accepted = (socket: Socket): void => {
    const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
    socket.on("error", () => {});
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    LAYERS[layer]({ socket, peer: { address: remoteAddress, port: remotePort, localAddress, localPort } }, service, {
      clock,
      wheel,
      counters,
      streamsMax: STREAMS_MAX,
      headerListBytesMax: HEADER_LIST_BYTES_MAX,
      refusal: (_request, { message }, status = 503) => ({ status, headers: [["x-why", message]] }),
      threw,
      closed() {},
    });
  };
  const listener = tls === undefined ? createServer(accepted) : createTlsServer({ ...tls, ALPNProtocols: ["h2"] }, accepted);
  listener.listen(port, "127.0.0.1");
  await once(listener, "listening");
  const close = async (): Promise<void> => {
    listener.close();
    for (const socket of sockets) socket.destroy();
    await once(listener, "close");
    wheel.close();
  };
  return { port: (listener.address() as AddressInfo).port, counters, close }; // Listening on tcp.
};
