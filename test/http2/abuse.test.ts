// What a peer may not do: floods, headers without end, broken frames. Frames are made by hand, since no client library does these things.
import assert from "node:assert/strict";
import { constants } from "node:http2";
import { OK } from "../../src/core/status.ts";
import * as limits from "../../src/http2/limits.ts";
import type { Http } from "../../src/ports/http.ts";
import { END_STREAM, FrameType, frame, headersFrame, POST, PREFACE, rawClient, resetFrame, settingsFrame, uint32 } from "../kit/frames.ts";
import { Recorder, turn } from "../kit/http-recorder.ts";
import { check, goawayCode, holding, raw, served, until } from "./served.ts";

check("pings that bring nothing are a flood; a ping after every request is not", async (t) => {
  const { port, clock, counters } = await served(t, (_request, reply) => ({ ...holding(_request, reply), end: () => reply.end(OK) }));
  const peer = await rawClient(t, port);
  const ping = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8));
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
  const began = performance.now();
  for (let i = 0; i < 50_000 && !peer.closed; i++) {
    peer.send(headersFrame(i * 2 + 1), resetFrame(i * 2 + 1, constants.NGHTTP2_CANCEL));
    if (i % 100 === 99) await turn();
  }
  assert.notEqual(await goawayCode(peer), constants.NGHTTP2_NO_ERROR);
  clock.advance(limits.IDLE_TIMEOUT_MS * 2);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  await until(() => open === 0);
  // The bucket is filled again by the second, as long as the machine takes to send all that.
  const seconds = Math.ceil((performance.now() - began) / 1000);
  assert.ok(opened <= limits.STREAM_RESET_BURST + seconds * limits.STREAM_RESETS_PER_SECOND + 500, `${opened} streams in ${seconds} s`);
  await until(() => counters.connections.value === 0);
  assert.equal(counters.streams.value, 0);
});

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

check("garbage after the preface ends the connection", async (t) => {
  const { port, clock, counters } = await served(t, holding);
  const peer = await raw(t, port);
  peer.send(PREFACE, Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
  await peer.until(({ type }) => type === FrameType.GOAWAY);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  assert.equal(counters.connections.value, 0);
});

check("a window update past the limit ends the connection", async (t) => {
  const { port, clock } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(0x7fffffff)));
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

check("streams reset with NO_ERROR while bytes wait for them leave nothing behind", async (t) => {
  const chunk = Buffer.alloc(100_000);
  const { port, counters } = await served(t, (_request, reply) => ({ ...holding(_request, reply), end: () => void reply.write([chunk]) }));
  const peer = await rawClient(t, port);
  for (let id = 1; id < 100; id += 2) peer.send(headersFrame(id, POST, END_STREAM));
  await until(() => counters.streams.value === 50);
  for (let id = 1; id < 100; id += 2) peer.send(resetFrame(id, constants.NGHTTP2_NO_ERROR));
  await until(() => counters.streams.value === 0);
  assert.equal(counters.cancelled.value, 50);
});

check("a connection is as good as new after many replies that were cancelled half sent", async (t) => {
  const chunk = Buffer.alloc(500_000);
  const service: Http = (request, reply) => ({
    ...holding(request, reply),
    end: () => {
      if (request.method === "POST") reply.write([chunk]);
      else reply.end(OK, { status: 200, headers: [] });
    },
  });
  const { port, counters } = await served(t, service);
  const peer = await rawClient(t, port);
  for (let id = 1; id < 100; id += 2) {
    peer.send(headersFrame(id, POST, END_STREAM));
    await until(() => counters.streams.value === 1);
    peer.send(resetFrame(id, constants.NGHTTP2_CANCEL));
    await until(() => counters.streams.value === 0);
  }
  peer.send(headersFrame(101, [[":method", "GET"], ...POST.slice(1)], END_STREAM));
  const answer = await peer.until(({ stream, type }) => stream === 101 && type !== FrameType.WINDOW_UPDATE);
  assert.equal(answer?.type, FrameType.HEADERS);
});
