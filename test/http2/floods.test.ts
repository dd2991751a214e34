// Frames that cost something and bring nothing: each sort has its own limit, its own counter, and the same end.
import assert from "node:assert/strict";
import { constants } from "node:http2";
import type { LimitName } from "../../src/http2/counters.ts";
import * as limits from "../../src/http2/limits.ts";
import type { Http } from "../../src/ports/http.ts";
import {
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  headerBlock,
  headersFrame,
  POST,
  type RawPeer,
  rawClient,
  resetFrame,
  uint32,
} from "../kit/frames.ts";
import { check, goawayCode, holding, served, until } from "./served.ts";

const repeated = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array<Buffer>(count).fill(bytes));
const data = (stream: number, payload: Uint8Array = new Uint8Array(0), flags = 0): Buffer =>
  frame({ type: FrameType.DATA, flags, stream }, payload);
const windowUpdate = (stream: number, bytes: number): Buffer => frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream }, uint32(bytes));

interface FloodCase {
  readonly limit: LimitName;
  readonly what: string;
  /** Frames before it begins. */
  readonly first?: Buffer;
  readonly one: Buffer;
  readonly count: number;
}

const CASES: readonly FloodCase[] = [
  { limit: "empty", what: "empty DATA frames", first: headersFrame(1), one: data(1), count: limits.EMPTY_FRAMES.burst },
  {
    limit: "empty",
    what: "DATA frames of padding only",
    first: headersFrame(1),
    one: frame({ type: FrameType.DATA, flags: 0x8, stream: 1 }, Buffer.from([3, 0, 0, 0])),
    count: limits.EMPTY_FRAMES.burst,
  },
  { limit: "windows", what: "window updates of the connection", one: windowUpdate(0, 1), count: limits.WINDOW_UPDATES.burst },
  {
    limit: "windows",
    what: "window updates of a stream",
    first: headersFrame(1),
    one: windowUpdate(1, 1),
    count: limits.WINDOW_UPDATES.burst,
  },
  {
    limit: "priorities",
    what: "priorities",
    one: frame({ type: FrameType.PRIORITY, flags: 0, stream: 5 }, Buffer.from([0, 0, 0, 1, 9])),
    count: limits.PRIORITIES.burst,
  },
  {
    limit: "priorities",
    what: "frames of an unknown type",
    one: frame({ type: 0x42, flags: 0, stream: 0 }),
    count: limits.PRIORITIES.burst,
  },
  {
    limit: "priorities",
    what: "answers to no PING",
    one: frame({ type: FrameType.PING, flags: 1, stream: 0 }, Buffer.alloc(8)),
    count: limits.PRIORITIES.burst,
  },
  {
    limit: "priorities",
    what: "acknowledgements of no SETTINGS",
    one: frame({ type: FrameType.SETTINGS, flags: 1, stream: 0 }),
    count: limits.PRIORITIES.burst,
  },
  { limit: "resets", what: "resets of a stream that is over", first: headersFrame(1), one: resetFrame(1, 8), count: limits.RESETS.burst },
];

for (const { limit, what, first, one, count } of CASES)
  check(`${what}: so many are taken, one more ends the connection`, async (t) => {
    const { port, clock, counters } = await served(t, holding);
    const peer = await rawClient(t, port);
    if (first) peer.send(first);
    peer.send(repeated(count, one), headersFrame(101));
    await until(() => counters.streams.value > 0);
    assert.equal(counters.limits[limit].value, 0);
    peer.send(one);
    assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    clock.advance(limits.LINGER_MS);
    await peer.gone();
    assert.equal(counters.limits[limit].value, 1);
  });

check("what is spread over time is no flood", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1), repeated(limits.EMPTY_FRAMES.burst, data(1)));
  await until(() => counters.streams.value === 1);
  for (let stream = 3; stream < 9; stream += 2) {
    clock.advance(1_000);
    peer.send(repeated(limits.EMPTY_FRAMES.perSecond, data(1)), headersFrame(stream));
    await until(() => counters.streams.value === (stream + 1) / 2);
  }
  assert.equal(counters.limits.empty.value, 0);
});

check("window updates that answer what we send are no flood", async (t) => {
  const chunk = Buffer.alloc(1_000);
  const frames = limits.WINDOW_UPDATES.burst;
  let write = (): unknown => undefined;
  const service: Http = (request, reply) => {
    write = () => reply.write([chunk]);
    return holding(request, reply);
  };
  const { port, counters } = await served(t, service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1, POST, END_STREAM));
  await until(() => counters.streams.value === 1);
  for (let sent = 1; sent <= frames; sent++) {
    write();
    await until(() => peer.frames.length > 0 && peer.frames.at(-1)?.type === FrameType.DATA);
    peer.frames.length = 0;
    peer.send(windowUpdate(0, chunk.length), windowUpdate(1, chunk.length));
  }
  peer.send(headersFrame(3, POST, END_STREAM));
  await until(() => counters.streams.value === 2);
  assert.equal(counters.limits.windows.value, 0);
});

/** Opens streams and breaks each, so that it is the server who resets them. */
const madeReset = async (peer: RawPeer, fault: (stream: number) => Buffer): Promise<void> => {
  for (let at = 0; at < limits.RESETS.burst + 10 && !peer.closed; at++) {
    const stream = at * 2 + 1;
    peer.send(headersFrame(stream), fault(stream));
    if (at % 50 === 49) await peer.until((each) => each.type === FrameType.GOAWAY || each.stream === stream);
  }
};

for (const [what, fault] of [
  ["a window that grows by nothing", (stream: number) => windowUpdate(stream, 0)],
  ["a window that is too large", (stream: number) => windowUpdate(stream, 0x7fffffff)],
  ["a body after its end", (stream: number) => Buffer.concat([data(stream, Buffer.alloc(1), END_STREAM), data(stream, Buffer.alloc(1))])],
] as const)
  check(`streams that we are made to reset count as resets: ${what}`, async (t) => {
    const { port, counters } = await served(t, holding);
    const peer = await rawClient(t, port);
    await madeReset(peer, fault);
    assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    const { resets, windows } = counters.limits; // Whichever is first: each fault is a window update too.
    assert.equal(resets.value + windows.value, 1);
  });

check("malformed requests count as resets", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  for (let at = 0; at <= limits.RESETS.burst; at++) peer.send(headersFrame(at * 2 + 1, [[":method", "GET"]]));
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(counters.limits.resets.value, 1);
});

check("a header block in too many pieces ends the connection", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  const piece = frame({ type: FrameType.CONTINUATION, flags: 0, stream: 1 }, headerBlock([["a", "b"]]));
  peer.send(frame({ type: FrameType.HEADERS, flags: 0, stream: 1 }, headerBlock(POST)), repeated(limits.CONTINUATIONS_MAX + 1, piece));
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(counters.limits.continuations.value, 1);
});

check("a header block in a few pieces is a request", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  const block = headerBlock(POST);
  peer.send(
    frame({ type: FrameType.HEADERS, flags: 0, stream: 1 }, block.subarray(0, 7)),
    frame({ type: FrameType.CONTINUATION, flags: 0, stream: 1 }, block.subarray(7, 20)),
    frame({ type: FrameType.CONTINUATION, flags: END_HEADERS, stream: 1 }, block.subarray(20)),
  );
  await until(() => counters.streams.value === 1);
});

check("a header block without end of its bytes ends the connection", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.send(frame({ type: FrameType.HEADERS, flags: 0, stream: 1 }, headerBlock(POST)));
  const piece = frame({ type: FrameType.CONTINUATION, flags: 0, stream: 1 }, headerBlock([["a", "b".repeat(16_000)]]));
  for (let bytes = 0; bytes <= limits.HEADER_BLOCK_BYTES_MAX; bytes += piece.length) peer.send(piece);
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(counters.limits.continuations.value, 1);
});

check("a small block that stands for a large list is refused, and the connection goes on", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  // One field of 4,000 bytes joins the table; then each byte stands for it.
  const value = Buffer.alloc(4_000, 0x61);
  const field = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, ...[0xa1, 0x1e]]), value]);
  const bomb = Buffer.concat([headerBlock(POST), field, Buffer.alloc(10_000, 0xbe)]);
  peer.send(frame({ type: FrameType.HEADERS, flags: END_HEADERS | END_STREAM, stream: 1 }, bomb), headersFrame(3));
  const reset = await peer.until(({ type }) => type === FrameType.RST_STREAM);
  assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  await until(() => counters.streams.value === 1);
  assert.equal(counters.limits.headers.value, 1);
});

check("too many settings in one frame end the connection", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  const setting = Buffer.from([0, 4, 0, 0, 0xff, 0xff]);
  peer.send(frame({ type: FrameType.SETTINGS, flags: 0, stream: 0 }, repeated(limits.SETTINGS_PER_FRAME_MAX + 1, setting)));
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(counters.limits.settings.value, 1);
});

check("a peer that does not read the answers to its pings is not read from, and is closed in the end", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.socket.pause();
  const ping = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8));
  peer.send(repeated(100_000, ping));
  await until(() => counters.limits.pings.value === 1);
  peer.socket.resume();
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  const why = peer.frames
    .find(({ type }) => type === FrameType.GOAWAY)
    ?.payload.subarray(8)
    .toString();
  assert.equal(why, "too_many_pings");
});

check("header lists over the limits count by what was decoded for nothing", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  const large = [...POST, ...Array.from({ length: 100 }, (_, at): readonly [string, string] => [`x-${at}`, "y".repeat(100)])];
  const listBytes = large.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  const lists = Math.ceil(limits.STREAM_RESET_BURST / (Math.floor(listBytes / limits.HEADER_EXCESS_BYTES) + 1));
  for (let at = 0; at < lists - 1; at++) peer.send(headersFrame(2 * at + 1, large, END_STREAM));
  await peer.until(({ type, stream }) => type === FrameType.RST_STREAM && stream === 2 * lists - 3);
  assert.equal(counters.limits.resets.value, 0);
  for (let at = lists - 1; at < lists + 1; at++) peer.send(headersFrame(2 * at + 1, large, END_STREAM));
  assert.equal(await goawayCode(peer), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(counters.limits.resets.value, 1);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
});
