// Peers that say nothing, stop reading or stay away, and how a connection ends.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connect2, constants } from "node:http2";
import { OK } from "../../src/core/status.ts";
import * as limits from "../../src/http2/limits.ts";
import { ACK, END_STREAM, FrameType, frame, headersFrame, POST, PREFACE, rawClient, settingsFrame } from "../kit/frames.ts";
import { closed, Recorder } from "../kit/http-recorder.ts";
import { check, goawayCode, holding, raw, served, until } from "./served.ts";

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
    peer.send(frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8)));
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

check("half a frame and a hang-up leave nothing behind", async (t) => {
  const recorder = new Recorder();
  const { port, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1), frame({ type: FrameType.DATA, flags: END_STREAM, stream: 1 }, Buffer.alloc(100)).subarray(0, 50));
  await recorder.until("open");
  peer.socket.end();
  await recorder.until("cancel");
  assert.ok(!recorder.heard.includes("end"));
  await until(() => counters.connections.value === 0 && counters.streams.value === 0);
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

check("a request that is answered while it ends is over once", async (t) => {
  const { port, counters } = await served(t, (request, reply) => ({
    ...holding(request, reply),
    end: () => reply.end(OK, { status: 200, headers: [] }),
  }));
  const peer = await rawClient(t, port);
  for (let id = 1; id < 10; id += 2) {
    peer.send(headersFrame(id, POST, END_STREAM));
    await peer.until(({ type, stream }) => type === FrameType.HEADERS && stream === id);
    assert.equal(counters.streams.value, 0);
  }
});
