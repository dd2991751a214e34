// A peer that gives its replies all the window there is, and reads nothing.
import assert from "node:assert/strict";
import { OK } from "../../src/core/status.ts";
import * as limits from "../../src/http2/limits.ts";
import type { Http } from "../../src/ports/http.ts";
import { END_STREAM, FrameType, frame, headersFrame, POST, rawClient, settingsFrame, uint32 } from "../kit/frames.ts";
import { turn } from "../kit/http-recorder.ts";
import { check, holding, served, until } from "./served.ts";

const REPLY = Buffer.alloc(1_048_576);

check("a connection of which nothing is read is ended in time, with its streams and what is left in its socket", async (t) => {
  let asked = 0;
  const large: Http = (request, reply) => ({
    ...holding(request, reply),
    end() {
      asked += 1;
      reply.headers({ status: 200, headers: [] });
      reply.write([REPLY]);
      reply.end(OK);
    },
  });
  const { port, clock, counters } = await served(t, large);
  const peer = await rawClient(t, port);
  peer.send(settingsFrame([[4, 0x7fffffff]]), frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(0x7f000000)));
  peer.socket.pause();
  for (let id = 1; id < 14; id += 2) peer.send(headersFrame(id, POST, END_STREAM));
  await until(() => asked === 7);
  for (let at = 0; at < 20; at++) await turn(); // The system takes what it has room for.
  clock.advance(limits.STALL_TIMEOUT_MS - 1_000);
  assert.ok(counters.streams.value > 0);
  assert.equal(counters.limits.stall.value, 0);
  for (let at = 0; at < 2; at++) clock.advance(limits.STALL_TIMEOUT_MS);
  assert.equal(counters.streams.value, 0);
  assert.ok(counters.limits.stall.value > 0);
  clock.advance(limits.LINGER_MS);
  await until(() => counters.connections.value === 0);
});
