// An HTTP/2 server whose clock the test turns, and a raw connection to it.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { Counters } from "../../src/core/counters.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import { type HttpCounters, httpCounters } from "../../src/http2/counters.ts";
import { Http2Server } from "../../src/http2/server.ts";
import type { Http2ServerOptions } from "../../src/http2/server-options.ts";
import type { Http } from "../../src/ports/http.ts";
import { ManualClock } from "../kit/clock.ts";
import { FrameType, RawPeer } from "../kit/frames.ts";
import { turn } from "../kit/http-recorder.ts";

export interface Served {
  readonly port: number;
  readonly clock: ManualClock;
  readonly counters: HttpCounters;
  readonly servers: Http2Server[];
}

export const served = async (t: TestContext, service: Http, given: Partial<Http2ServerOptions> = {}): Promise<Served> => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const counters = httpCounters(new Counters(), { namespace: "test", binding: "http" });
  const sockets = new Set<Socket>();
  const servers: Http2Server[] = [];
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    sockets.add(socket);
    const peer = { address: "127.0.0.1", port: 1, localAddress: "127.0.0.1", localPort: 2 };
    const refusal = (_request: unknown, { message }: { message: string }, status = 503) => ({
      status,
      headers: [["x-why", message]] as const,
    });
    servers.push(
      new Http2Server({ socket, peer }, service, {
        clock,
        wheel,
        counters,
        streamsMax: 100,
        headerListBytesMax: 16_384,
        refusal,
        threw() {},
        closed() {},
        ...given,
      }),
    );
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (listener.address() as AddressInfo).port, clock, counters, servers }; // Listening on tcp.
};

export const holding: Http = () => ({ write: () => true, end() {}, cancel() {}, ready() {} });
export const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await turn();
};

export const raw = async (t: TestContext, port: number): Promise<RawPeer> => {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return new RawPeer(socket);
};

export const goawayCode = async (peer: RawPeer): Promise<number | undefined> =>
  (await peer.until(({ type }) => type === FrameType.GOAWAY))?.payload.readUInt32BE(4);

export const check = (name: string, show: (t: TestContext) => Promise<void>): void => {
  test(name, { timeout: 20_000 }, show);
};
