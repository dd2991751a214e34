// Both implementations' clients, each on one connection of its own.
import { once } from "node:events";
import { connect } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { systemClock } from "../../../src/core/clock.ts";
import { Counters } from "../../../src/core/counters.ts";
import type { Status } from "../../../src/core/status.ts";
import { Wheel } from "../../../src/flow/wheel.ts";
import { Http2Client, type Http2ClientOptions } from "../../../src/http2/client.ts";
import { ClientStream } from "../../../src/http2/client-stream.ts";
import { httpCounters } from "../../../src/http2/counters.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { Http } from "../../../src/ports/http.ts";
import { Http2Client as NodeHttp2Client } from "../../peers/node-http2/client.ts";
import { ClientStream as NodeClientStream } from "../../peers/node-http2/client-stream.ts";
import type { LayerName } from "../http2-layers.ts";

export interface LayerClient {
  readonly http: Http;
  close(): void;
}

const OVER: Status = { code: 14, message: "the test is over" };
const NOBODY_WAITS = { left() {} };

/** Makes the service and what closes it. Requests begin at once: there are fewer than a connection takes. */
const MAKE: Readonly<
  Record<LayerName, (connection: Connection, options: Http2ClientOptions) => { http: Http; close(status: Status): void }>
> = {
  sluice: (connection, options) => {
    const client = new Http2Client(connection, options);
    const http: Http = (request, reply) => {
      const stream = new ClientStream(request, reply, NOBODY_WAITS);
      process.nextTick(() => client.start(stream));
      return stream;
    };
    return { http, close: (status) => client.close(status) };
  },
  node: (connection, options) => {
    const client = new NodeHttp2Client(connection, options);
    const http: Http = (request, reply) => {
      const stream = new NodeClientStream(request, reply, NOBODY_WAITS);
      process.nextTick(() => client.start(stream));
      return stream;
    };
    return { http, close: (status) => client.close(status) };
  },
};

/** To loopback; over TLS with these options. Rejects with what the socket says. */
export const connectHttp2 = async (layer: LayerName, port: number, tls?: ConnectionOptions): Promise<LayerClient> => {
  const socket = tls === undefined ? connect(port, "127.0.0.1") : connectTls({ ...tls, host: "127.0.0.1", port, ALPNProtocols: ["h2"] });
  await once(socket, tls === undefined ? "connect" : "secureConnect");
  const wheel = new Wheel(systemClock);
  const { http, close } = MAKE[layer](
    { socket, peer: { address: "127.0.0.1", port, localAddress: "127.0.0.1", localPort: 0 } },
    {
      clock: systemClock,
      wheel,
      counters: httpCounters(new Counters(), { namespace: "test", binding: "http" }),
      address: `127.0.0.1:${port}`,
      streamsMax: 100,
      headerListBytesMax: 16_384,
      changed() {},
      closed() {},
      gone() {},
      threw() {},
    },
  );
  return {
    http,
    close() {
      close(OVER);
      socket.destroy();
      wheel.close();
    },
  };
};
