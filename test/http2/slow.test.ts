// Peers that take their time: half frames, windows that stay shut, connections that grow old or silent.
import assert from "node:assert/strict";
import { constants } from "node:http2";
import { Code, OK } from "../../src/core/status.ts";
import * as limits from "../../src/http2/limits.ts";
import type { Http } from "../../src/ports/http.ts";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  type Frame,
  FrameType,
  frame,
  headerBlock,
  headersFrame,
  POST,
  PREFACE,
  rawClient,
  settingsFrame,
  uint32,
} from "../kit/frames.ts";
import { Recorder, turn } from "../kit/http-recorder.ts";
import { check, goawayCode, holding, raw, served, until } from "./served.ts";

const turns = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at++) await turn();
};
const PING = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8));

const HALVES: readonly (readonly [string, Buffer])[] = [
  ["half the head of a frame", headersFrame(3).subarray(0, 5)],
  ["half a HEADERS frame", headersFrame(3).subarray(0, 15)],
  ["half a DATA frame", frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(100)).subarray(0, 50)],
  ["a header block that does not go on", frame({ type: FrameType.HEADERS, flags: 0, stream: 3 }, headerBlock(POST))],
];

for (const [what, half] of HALVES)
  check(`${what} is waited for, and then the connection ends`, async (t) => {
    const { port, clock, counters } = await served(t, holding);
    const peer = await rawClient(t, port);
    peer.send(headersFrame(1), half);
    await until(() => counters.streams.value === 1);
    await turns(10);
    clock.advance(limits.FRAME_TIMEOUT_MS - 10);
    assert.equal(counters.limits.frame.value, 0);
    clock.advance(30);
    assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    clock.advance(limits.LINGER_MS);
    await peer.gone();
    assert.deepEqual([counters.limits.frame.value, counters.streams.value], [1, 0]);
    assert.ok(2 * limits.FRAME_TIMEOUT_MS + limits.LINGER_MS <= 15_000);
  });

check("a header block that comes in drops is over in time, or the connection is", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  const drop = frame({ type: FrameType.CONTINUATION, flags: 0, stream: 1 }, headerBlock([["a", "b"]]));
  peer.send(PING, frame({ type: FrameType.HEADERS, flags: 0, stream: 1 }, headerBlock(POST)));
  await peer.until(({ type }) => type === FrameType.PING);
  for (let at = 0; at < 5; at++) {
    clock.advance(limits.FRAME_TIMEOUT_MS / 4);
    peer.send(drop);
    await turns(10);
  }
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(counters.limits.frame.value, 1);
});

check("a frame that comes byte by byte is over in time, or the connection is", async (t) => {
  const recorder = new Recorder();
  const { port, clock, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  const whole = frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(100));
  peer.send(headersFrame(1), whole.subarray(0, 10));
  for (let bytes = 1; counters.limits.frame.value === 0; bytes++) {
    await until(() => recorder.bytes === bytes);
    clock.advance(limits.FRAME_TIMEOUT_MS / 10);
    peer.send(whole.subarray(9 + bytes, 10 + bytes));
    assert.ok(bytes < 15, "it goes on");
  }
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

check("a body that comes in halves of frames goes on as long as frames end", async (t) => {
  const recorder = new Recorder();
  const { port, clock, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  const whole = frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(100));
  peer.send(headersFrame(1), whole.subarray(0, 50));
  for (let at = 1; at <= 6; at++) {
    while (recorder.bytes < at * 100 - 59) await turn();
    clock.advance(limits.FRAME_TIMEOUT_MS * 0.6);
    peer.send(whole.subarray(50), whole.subarray(0, 50));
  }
  await turns(10);
  assert.equal(counters.limits.frame.value, 0);
});

check("replies that are over, and stuck behind a window that stays shut, are freed in time", async (t) => {
  const answering: Http = (request, reply) => ({
    ...holding(request, reply),
    end: () => {
      reply.write([Buffer.alloc(10_000)]);
      reply.end(OK, { headers: [["t", "1"]] });
    },
  });
  const { port, clock, counters } = await served(t, answering);
  const peer = await raw(t, port);
  peer.send(PREFACE, settingsFrame([[4, 0]]));
  await peer.until(({ type, flags }) => type === FrameType.SETTINGS && flags === 0);
  peer.send(settingsFrame([], ACK));
  for (let id = 1; id < 20; id += 2) peer.send(headersFrame(id, POST, END_STREAM));
  await peer.until(({ type, stream }) => type === FrameType.HEADERS && stream === 19);
  assert.equal(counters.streams.value, 10);
  clock.advance(limits.STALL_TIMEOUT_MS + 10);
  await until(() => counters.streams.value === 0);
  assert.equal(counters.limits.stall.value, 10);
  const reset = await peer.until(({ type }) => type === FrameType.RST_STREAM);
  assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_CANCEL);
});

check("a window that opens again in time delivers all", async (t) => {
  const recorder = new Recorder();
  const { port, clock, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1, POST, END_STREAM));
  await recorder.until("end");
  recorder.reply.write([Buffer.alloc(100_000)]);
  recorder.reply.end(OK, { headers: [["t", "1"]] });
  clock.advance(limits.STALL_TIMEOUT_MS - 1_000);
  for (const stream of [0, 1]) peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream }, uint32(100_000)));
  await peer.until(({ flags, stream }) => stream === 1 && flags === (END_STREAM | END_HEADERS));
  const bytes = peer.frames.filter(({ type }) => type === FrameType.DATA).reduce((sum, { payload }) => sum + payload.length, 0);
  assert.deepEqual([bytes, counters.limits.stall.value, counters.streams.value], [100_000, 0, 0]);
});

check("a window that is made smaller than what was sent holds the rest until it has grown past it", async (t) => {
  const recorder = new Recorder();
  const { port } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1, POST, END_STREAM));
  await recorder.until("end");
  recorder.reply.write([Buffer.alloc(60_000)]);
  const bytes = (): number =>
    peer.frames.filter(({ type }) => type === FrameType.DATA).reduce((sum, { payload }) => sum + payload.length, 0);
  while (bytes() < 60_000) await turn();
  peer.send(settingsFrame([[4, 10_000]]), PING);
  await peer.until(({ type }) => type === FrameType.PING);
  recorder.reply.write([Buffer.alloc(1_000)]);
  peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 1 }, uint32(50_000)));
  await turns(20);
  assert.equal(bytes(), 60_000);
  peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 1 }, uint32(400)));
  while (bytes() < 60_400) await turn();
});

check("while much waits for a peer, its new streams are refused, and those it has go on", async (t) => {
  const recorder = new Recorder();
  const { port, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  const chunk = Buffer.alloc(1_048_576);
  for (let id = 1; id < 7; id += 2) {
    const before = recorder.heard.filter((what) => what === "end").length;
    peer.send(headersFrame(id, POST, END_STREAM));
    await until(() => recorder.heard.filter((what) => what === "end").length > before);
    for (let written = 0; written < limits.BACKLOG_BYTES_MAX / 2; written += chunk.length) recorder.reply.write([chunk]);
  }
  peer.send(headersFrame(7, POST, END_STREAM));
  const reset = await peer.until(({ type }) => type === FrameType.RST_STREAM);
  assert.deepEqual([reset?.stream, reset?.payload.readUInt32BE(0)], [7, constants.NGHTTP2_REFUSED_STREAM]);
  assert.deepEqual([counters.limits.backlog.value, counters.streams.value], [1, 3]);
});

check("all streams of a connection together may queue so much and no more", async (t) => {
  const recorder = new Recorder();
  const replies: Recorder["reply"][] = [];
  const service: Http = (request, reply) => {
    replies.push(reply);
    return recorder.service(request, reply);
  };
  const { port, counters } = await served(t, service);
  const peer = await rawClient(t, port);
  for (let id = 1; id < 40; id += 2) peer.send(headersFrame(id, POST, END_STREAM));
  await until(() => replies.length === 20);
  const chunk = Buffer.alloc(limits.QUEUE_BYTES_MAX / 2);
  for (const reply of replies) reply.write([chunk]);
  await recorder.until("cancel");
  assert.equal(recorder.cancelledWith?.code, Code.RESOURCE_EXHAUSTED);
  const kept = limits.CONNECTION_QUEUE_BYTES_MAX / chunk.length;
  assert.ok(Math.abs(counters.streams.value - kept) <= 1, `${counters.streams.value}`);
  assert.equal(counters.limits.queue.value, 20 - counters.streams.value);
});

check("a connection that has lived long enough is asked to leave, and made to after a while", async (t) => {
  const recorder = new Recorder();
  const { port, clock, counters } = await served(t, recorder.service, { ageMsMax: 60_000, ageGraceMs: 5_000 });
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1));
  await recorder.until("open");
  clock.advance(60_010);
  const first = await peer.until(({ type }) => type === FrameType.GOAWAY);
  assert.deepEqual([first?.payload.readUInt32BE(0), first?.payload.readUInt32BE(4)], [0x7fffffff, constants.NGHTTP2_NO_ERROR]);
  assert.equal(counters.limits.age.value, 1);
  peer.send(headersFrame(3, POST, END_STREAM));
  await until(() => counters.streams.value === 2);
  clock.advance(limits.GOAWAY_GRACE_MS);
  await peer.until(({ type, payload }) => type === FrameType.GOAWAY && payload.readUInt32BE(0) === 3);
  peer.send(headersFrame(5, POST, END_STREAM));
  await turns(10);
  assert.equal(counters.streams.value, 2);
  clock.advance(5_000);
  assert.equal(recorder.cancelledWith?.code, Code.UNAVAILABLE);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
});

check("a client with calls in hand that falls silent is asked, and given up when it does not answer", async (t) => {
  const recorder = new Recorder();
  const { port, clock, counters } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1));
  await recorder.until("open");
  const timers = clock.armed; // One more while a PING waits for its answer.
  const asked = async (count: number): Promise<Frame> => {
    while (clock.armed === timers) clock.advance(limits.KEEP_ALIVE_TIMEOUT_MS / 2);
    const pings = (): Frame[] => peer.frames.filter(({ type, flags }) => type === FrameType.PING && flags === 0);
    await until(() => pings().length === count);
    return pings()[0]!;
  };
  const { payload } = await asked(1);
  peer.send(frame({ type: FrameType.PING, flags: ACK, stream: 0 }, payload), headersFrame(3));
  await until(() => counters.streams.value === 2);
  clock.advance(limits.KEEP_ALIVE_TIMEOUT_MS);
  assert.equal(counters.limits.keepalive.value, 0);
  await asked(2);
  clock.advance(limits.KEEP_ALIVE_TIMEOUT_MS);
  assert.deepEqual([counters.limits.keepalive.value, counters.streams.value, recorder.heard.at(-1)], [1, 0, "cancel"]);
});

check("readers that are slow hold the connection's window once they hold much, and give it back when they read", async (t) => {
  const held: Parameters<Http>[1][] = [];
  let welcome = false;
  const service: Http = (_request, reply) => {
    held.push(reply);
    return { write: () => welcome, end() {}, cancel() {}, ready() {} };
  };
  const { port } = await served(t, service, { streamsMax: 200 });
  const peer = await rawClient(t, port);
  const granted = (): number =>
    peer.frames
      .filter(({ type, stream }) => type === FrameType.WINDOW_UPDATE && stream === 0)
      .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 65_535);
  const data = (stream: number): Buffer => frame({ type: FrameType.DATA, flags: 0, stream }, Buffer.alloc(16_000));
  let sent = 0;
  for (let id = 1; granted() - sent >= 64_000; id += 2) {
    peer.send(headersFrame(id), data(id), data(id), data(id), data(id));
    sent += 64_000;
    await until(() => held.length === (id + 1) / 2);
  }
  assert.ok(sent > limits.HELD_BYTES_MAX && sent < limits.HELD_BYTES_MAX * 2, `${sent} bytes`);
  const before = granted();
  welcome = true;
  for (const reply of held) reply.ready();
  await until(() => granted() >= before + limits.SESSION_WINDOW_BYTES / 2);
});
