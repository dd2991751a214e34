// What a peer may not do: floods, silence, and headers without end. Frames are made by hand, since no client library does these things.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connect2, constants } from "node:http2";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { Counters } from "../../src/core/counters.ts";
import { OK } from "../../src/core/status.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import { type HttpCounters, httpCounters } from "../../src/http2/counters.ts";
import * as limits from "../../src/http2/limits.ts";
import { Http2Server } from "../../src/http2/server.ts";
import type { Http } from "../../src/ports/http.ts";
import { closed, Recorder } from "../contract/http.ts";
import { ManualClock } from "../kit/clock.ts";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  headerBlock,
  headersFrame,
  POST,
  PREFACE,
  RawPeer,
  rawClient,
  resetFrame,
  settingsFrame,
  uint32,
} from "../kit/frames.ts";

interface Served {
  readonly port: number;
  readonly clock: ManualClock;
  readonly counters: HttpCounters;
  readonly servers: Http2Server[];
}

const served = async (t: TestContext, service: Http): Promise<Served> => {
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

const holding: Http = () => ({ write: () => true, end() {}, cancel() {}, ready() {} });
const turn = (): Promise<void> => new Promise((next) => setImmediate(next));
const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await turn();
};

const raw = async (t: TestContext, port: number): Promise<RawPeer> => {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return new RawPeer(socket);
};

const goawayCode = async (peer: RawPeer): Promise<number | undefined> =>
  (await peer.until(({ type }) => type === FrameType.GOAWAY))?.payload.readUInt32BE(4);

const check = (name: string, show: (t: TestContext) => Promise<void>): void => {
  test(name, { timeout: 20_000 }, show);
};

check("a peer that says nothing, half a preface, or no SETTINGS is closed after the handshake timeout", async (t) => {
  for (const said of [Buffer.alloc(0), PREFACE.subarray(0, 10), PREFACE]) {
    const { port, clock, counters, servers } = await served(t, holding);
    const peer = await raw(t, port);
    if (said.length > 0) peer.send(said);
    await until(() => servers.length === 1);
    clock.advance(limits.HANDSHAKE_TIMEOUT_MS + 10);
    clock.advance(limits.LINGER_MS);
    await peer.gone();
    assert.equal(counters.limits.handshake.value, 1);
    assert.equal(counters.connections.value, 0);
  }
});

check("a peer that never acknowledges our SETTINGS is closed after the handshake timeout", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const peer = await raw(t, port);
  peer.send(PREFACE, settingsFrame());
  await peer.until(({ type, flags }) => type === FrameType.SETTINGS && flags === ACK);
  clock.advance(limits.HANDSHAKE_TIMEOUT_MS + 10);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  assert.equal(counters.limits.handshake.value, 1);
});

check("a connection without streams gets GOAWAY and is closed; one with a stream stays", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const idle = await rawClient(t, port);
  const busy = await rawClient(t, port);
  busy.send(headersFrame(1));
  for (const peer of [idle, busy]) {
    peer.send(frame(FrameType.PING, 0, 0, Buffer.alloc(8)));
    await peer.until(({ type }) => type === FrameType.PING);
  }
  await until(() => counters.streams.value === 1);
  clock.advance(limits.IDLE_TIMEOUT_MS + 10);
  assert.equal(await goawayCode(idle), constants.NGHTTP2_NO_ERROR);
  clock.advance(limits.LINGER_MS);
  await idle.gone();
  assert.equal(busy.closed, false);
  assert.deepEqual([counters.limits.idle.value, counters.connections.value], [1, 1]);
});

check("pings that bring nothing are a flood; a ping after every request is not", async (t) => {
  const { port, clock, counters } = await served(t, (_request, reply) => ({ ...holding(_request, reply), end: () => reply.end(OK) }));
  const peer = await rawClient(t, port);
  const ping = frame(FrameType.PING, 0, 0, Buffer.alloc(8));
  for (let i = 0; i < limits.IDLE_PINGS_PER_MINUTE_MAX * 2; i++) {
    peer.send(headersFrame(i * 2 + 1, POST, END_STREAM), ping);
    if (i % 50 === 49) await peer.until(({ stream }) => stream === i * 2 + 1); // Fewer than the streams allowed.
  }
  await peer.until(({ stream }) => stream === limits.IDLE_PINGS_PER_MINUTE_MAX * 4 - 1);
  assert.equal(counters.limits.pings.value, 0);
  peer.send(...Array<Buffer>(limits.IDLE_PINGS_PER_MINUTE_MAX + 2).fill(ping));
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  assert.equal(counters.limits.pings.value, 1);
});

check("settings again and again are a flood", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.send(...Array<Buffer>(limits.SETTINGS_PER_MINUTE_MAX + 1).fill(settingsFrame([[4, 65_535]])));
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  assert.equal(counters.limits.settings.value, 1);
});

check("streams opened and reset at once end the connection, and what was opened is cancelled", async (t) => {
  let open = 0;
  let opened = 0;
  const { port, clock, counters } = await served(t, () => {
    open += 1;
    opened += 1;
    return {
      write: () => true,
      end() {},
      ready() {},
      cancel: () => {
        open -= 1;
      },
    };
  });
  const peer = await rawClient(t, port);
  for (let i = 0; i < 2_000 && !peer.closed; i++) {
    peer.send(headersFrame(i * 2 + 1), resetFrame(i * 2 + 1, constants.NGHTTP2_CANCEL));
    if (i % 100 === 99) await turn();
  }
  assert.notEqual(await goawayCode(peer), constants.NGHTTP2_NO_ERROR);
  clock.advance(limits.IDLE_TIMEOUT_MS * 2);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  await until(() => open === 0);
  assert.ok(opened <= limits.STREAM_RESET_BURST + 100, `${opened} streams were opened`);
  assert.equal(counters.connections.value, 0);
  assert.equal(counters.streams.value, 0);
});

check(
  "a body longer than its content-length resets the stream, cancels the service, and too many of them end the connection",
  async (t) => {
    let ended = 0;
    let cancelled = 0;
    const { port, clock } = await served(t, () => ({
      write: () => true,
      end: () => {
        ended += 1;
      },
      ready() {},
      cancel: () => {
        cancelled += 1;
      },
    }));
    const peer = await rawClient(t, port);
    let sent = 0;
    while (!peer.closed && sent < 1_000) {
      const id = sent * 2 + 1;
      peer.send(headersFrame(id, [...POST, ["content-length", "1"]]), frame(FrameType.DATA, END_STREAM, id, Buffer.alloc(2)));
      sent += 1;
      if (sent % 20 === 0) await turn();
    }
    await peer.until(({ type }) => type === FrameType.GOAWAY);
    clock.advance(limits.IDLE_TIMEOUT_MS * 2);
    clock.advance(limits.LINGER_MS);
    await peer.gone();
    assert.equal(ended, 0);
    assert.ok(cancelled > 0);
  },
);

check("more header fields than allowed reset the stream unseen", async (t) => {
  const recorder = new Recorder();
  const { port } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  const many = Array.from({ length: limits.HEADER_PAIRS_MAX }, (_, i): readonly [string, string] => [`x-${i}`, "y"]);
  peer.send(headersFrame(1, [...POST, ...many], END_STREAM));
  const reset = await peer.until(({ type }) => type === FrameType.RST_STREAM);
  assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.deepEqual(recorder.heard, []);
});

check(
  "a header list over the limit is answered 431 before our SETTINGS are acknowledged, or reset after, and no service sees it",
  async (t) => {
    const recorder = new Recorder();
    const { port, counters } = await served(t, recorder.service);
    const large = [...POST, ["x-large", "y".repeat(16_384)] as const];
    const block = headerBlock(large);
    const frames = [
      frame(FrameType.HEADERS, END_STREAM, 1, block.subarray(0, 16_000)),
      frame(FrameType.CONTINUATION, END_HEADERS, 1, block.subarray(16_000)),
    ];
    const early = await raw(t, port);
    early.send(PREFACE, settingsFrame(), ...frames);
    const answer = await early.until(({ stream }) => stream === 1);
    if (answer?.type === FrameType.HEADERS) assert.equal(counters.limits.headers.value, 1);
    else assert.equal(answer?.type, FrameType.RST_STREAM);
    assert.deepEqual(recorder.heard, []);
  },
);

check("a reader that stops for good is reset, its service cancelled", async (t) => {
  const recorder = new Recorder();
  const { port, clock, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1, POST, END_STREAM));
  await recorder.until("end");
  while (recorder.reply.write([Buffer.alloc(16_384)]));
  clock.advance(limits.STALL_TIMEOUT_MS + 10); // Until here it may just have been slow: the first bytes went out.
  clock.advance(limits.STALL_TIMEOUT_MS + 10);
  await recorder.until("cancel");
  const reset = await peer.until(({ type }) => type === FrameType.RST_STREAM);
  assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_CANCEL);
  assert.equal(counters.limits.stall.value, 1);
});

check("garbage after the preface ends the connection", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const peer = await raw(t, port);
  peer.send(PREFACE, Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
  await peer.until(({ type }) => type === FrameType.GOAWAY);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  assert.equal(counters.connections.value, 0);
});

check("half a frame and a hang-up leave nothing behind", async (t) => {
  const recorder = new Recorder();
  const { port, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1), frame(FrameType.DATA, END_STREAM, 1, Buffer.alloc(100)).subarray(0, 50));
  await recorder.until("open");
  peer.socket.end();
  await recorder.until("cancel");
  assert.ok(!recorder.heard.includes("end"));
  await until(() => counters.connections.value === 0 && counters.streams.value === 0);
});

check("a window update past the limit ends the connection", async (t) => {
  const { port, clock } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.send(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(0x7fffffff)));
  assert.equal(await goawayCode(peer), constants.NGHTTP2_FLOW_CONTROL_ERROR);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
});

check("streams over the limit are refused while the peer cannot know it, and those below go on", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await raw(t, port);
  peer.send(PREFACE, settingsFrame(), ...Array.from({ length: 101 }, (_, i) => headersFrame(i * 2 + 1)));
  const reset = await peer.until(({ type }) => type === FrameType.RST_STREAM);
  assert.equal(reset?.stream, 201);
  assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_REFUSED_STREAM);
  assert.equal(counters.streams.value, 100);
});

check("drain says GOAWAY twice: what was on its way is served, what comes later refused, what runs finishes", async (t) => {
  const recorder = new Recorder();
  const { port, servers, counters } = await served(t, recorder.service);
  const session = connect2(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const goaways: number[] = [];
  session.on("goaway", (_code, last) => goaways.push(last));
  const stream = session.request({ ":method": "POST" });
  stream.end("x");
  await recorder.until("end");
  servers[0]!.drain();
  await until(() => goaways.length === 2);
  assert.deepEqual(goaways, [2 ** 31 - 1, 1]);
  recorder.reply.end(OK, { status: 200, headers: [] });
  const [headers] = await once(stream, "response");
  assert.equal(headers[":status"], 200);
  await closed(stream);
  await until(() => counters.connections.value === 0);
});

check("close ends running streams: unanswered ones with an answer, answered ones with a reset", async (t) => {
  const recorder = new Recorder();
  const { port, servers } = await served(t, recorder.service);
  const session = connect2(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  const first = session.request({ ":method": "POST" });
  first.on("error", () => {});
  await recorder.until("open");
  recorder.reply.headers({ status: 200, headers: [] });
  await once(first, "response");
  const second = session.request({ ":method": "POST" });
  second.on("error", () => {});
  await until(() => recorder.heard.filter((what) => what === "open").length === 2);
  servers[0]!.close();
  const [answer] = await once(second, "response");
  assert.equal(answer[":status"], 503);
  await closed(first);
  assert.equal(first.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
  assert.equal(recorder.heard.filter((what) => what === "cancel").length, 2);
});
