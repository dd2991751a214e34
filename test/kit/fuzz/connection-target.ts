// A whole connection of ours, either end, that is given damaged bytes: whatever they are it throws nothing, calls its service as the port
// says, and holds nothing once it is closed.
import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { Counters } from "../../../src/core/counters.ts";
import { Wheel } from "../../../src/flow/wheel.ts";
import { httpCounters } from "../../../src/http2/counters.ts";
import { Http2Server } from "../../../src/http2/server.ts";
import type { Http } from "../../../src/ports/http.ts";
import { ManualClock } from "../clock.ts";
import { FrameType, frame, PREFACE, settingsFrame } from "../frames.ts";
import { plainService } from "../plain-service.ts";
import { FRAME_SEEDS, type FuzzTarget } from "./http2-targets.ts";

/** A socket that takes everything. */
const nowhere = (): Duplex =>
  new Duplex({
    read() {},
    write: (_chunk, _encoding, written) => written(),
  });

const PEER = { address: "127.0.0.1", port: 1, localAddress: "127.0.0.1", localPort: 2 };

/** The plain service, watched: nothing may be heard after the end, and the end only once. */
const watched: Http = (request, reply) => {
  const requests = plainService(request, reply);
  let state: "open" | "ended" | "over" = "open";
  return {
    write: (batch) => {
      assert.equal(state, "open");
      assert.ok(batch.length > 0);
      return requests.write(batch);
    },
    end() {
      assert.equal(state, "open");
      state = "ended";
      requests.end();
    },
    cancel(status) {
      assert.notEqual(state, "over");
      state = "over";
      requests.cancel(status);
    },
    ready() {
      requests.ready();
    },
  };
};

const GREETING = Buffer.concat([PREFACE, settingsFrame(), settingsFrame([], 1)]);

export const connectionTarget: FuzzTarget = {
  name: "a server's connection",
  seeds: [...FRAME_SEEDS, Buffer.concat(FRAME_SEEDS.slice(0, 2)), frame({ type: FrameType.DATA, flags: 1, stream: 1 }, Buffer.alloc(5))],
  run(bytes) {
    const clock = new ManualClock();
    const wheel = new Wheel(clock);
    const counters = httpCounters(new Counters(), { namespace: "test", binding: "http" });
    const socket = nowhere();
    const wrong: Error[] = [];
    new Http2Server({ socket, peer: PEER }, watched, {
      clock,
      wheel,
      counters,
      streamsMax: 10,
      headerListBytesMax: 16_384,
      refusal: (_request, _status, status = 503) => ({ status, headers: [] }),
      threw: (error) => wrong.push(error),
      closed() {},
    });
    socket.emit("data", GREETING);
    const half = bytes.length >> 1;
    socket.emit("data", bytes.subarray(0, half));
    socket.emit("data", bytes.subarray(half));
    socket.emit("close");
    if (wrong[0] !== undefined) throw wrong[0];
    assert.deepEqual([counters.connections.value, counters.streams.value], [0, 0]);
    wheel.close();
  },
};
