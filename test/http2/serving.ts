// A server of HTTP/2 on loopback for one test, whichever implementation it is.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { Counters } from "../../src/core/counters.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import { httpCounters } from "../../src/http2/counters.ts";
import type { Http2ServerOptions } from "../../src/http2/server-options.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Http } from "../../src/ports/http.ts";

/** Either implementation. */
type Make = (connection: Connection, service: Http, options: Http2ServerOptions) => unknown;

/** The server's end of HTTP/2 as a subject of its contract. */
export const serving =
  (make: Make) =>
  async (t: TestContext, service: Http): Promise<number> => {
    const wheel = new Wheel(systemClock);
    const counters = httpCounters(new Counters(), { namespace: "test", binding: "http" });
    const sockets = new Set<Socket>();
    const listener = createServer((socket) => {
      const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
      socket.on("error", () => {});
      sockets.add(socket);
      make({ socket, peer: { address: remoteAddress, port: remotePort, localAddress, localPort } }, service, {
        clock: systemClock,
        wheel,
        counters,
        streamsMax: 100,
        headerListBytesMax: 16_384,
        refusal: (_request, { message }, httpStatus = 503) => ({ status: httpStatus, headers: [["x-why", message]] }),
        threw() {},
        closed() {},
      });
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    t.after(async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await once(listener, "close");
      wheel.close();
    });
    return (listener.address() as AddressInfo).port; // Listening on tcp.
  };
