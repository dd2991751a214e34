// A client's connection of ours with some requests under way, and damaged bytes as the server's answer: each request ends once, and nothing
// is told of it afterwards.
import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { Counters } from "../../../src/core/counters.ts";
import { Wheel } from "../../../src/flow/wheel.ts";
import { Http2Client } from "../../../src/http2/client.ts";
import { ClientStream } from "../../../src/http2/client-stream.ts";
import { httpCounters } from "../../../src/http2/counters.ts";
import type { HttpReply } from "../../../src/ports/http.ts";
import { ManualClock } from "../clock.ts";
import { END_HEADERS, END_STREAM, FrameType, frame, headerBlock, resetFrame, settingsFrame, uint32 } from "../frames.ts";
import type { FuzzTarget } from "./http2-targets.ts";

const REQUESTS = 3;
const PEER = { address: "127.0.0.1", port: 1, localAddress: "127.0.0.1", localPort: 2 };
const REQUEST = { method: "POST", scheme: "http", authority: "a", path: "/p", headers: [["x", "1"]], peer: PEER } as const;

const response = (stream: number, flags: number, fields: readonly (readonly [string, string])[]): Buffer =>
  frame({ type: FrameType.HEADERS, flags: flags | END_HEADERS, stream }, headerBlock(fields));
const STATUS = [
  [":status", "200"],
  ["content-type", "application/grpc"],
] as const;

const SEEDS: readonly Buffer[] = [
  Buffer.concat([
    response(1, 0, STATUS),
    frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(5)),
    response(1, END_STREAM, [["grpc-status", "0"]]),
  ]),
  Buffer.concat([
    response(1, END_STREAM, [...STATUS, ["grpc-status", "5"]]),
    response(3, 0, [[":status", "103"]]),
    response(3, END_STREAM, STATUS),
  ]),
  Buffer.concat([resetFrame(1, 8), resetFrame(3, 7), settingsFrame([[3, 1]])]),
  Buffer.concat([
    frame({ type: FrameType.GOAWAY, flags: 0, stream: 0 }, Buffer.concat([uint32(1), uint32(0)])),
    response(1, END_STREAM, STATUS),
  ]),
  frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 1 }, uint32(1_000)),
];

/** Counts its ends, and refuses to be told more. */
class Told implements HttpReply {
  ends = 0;
  headers(): void {
    assert.equal(this.ends, 0);
  }
  write(batch: readonly Uint8Array[]): boolean {
    assert.equal(this.ends, 0);
    assert.ok(batch.length > 0);
    return true;
  }
  end(): void {
    this.ends += 1;
    assert.equal(this.ends, 1);
  }
  ready(): void {}
}

/** A request under way. */
const asked = (client: Http2Client): Told => {
  const reply = new Told();
  const stream = new ClientStream(REQUEST, reply, { left() {} });
  client.start(stream);
  stream.write([Buffer.alloc(10)]);
  stream.end();
  return reply;
};

export const clientTarget: FuzzTarget = {
  name: "a client's connection",
  seeds: SEEDS,
  run(bytes) {
    const clock = new ManualClock();
    const wheel = new Wheel(clock);
    const counters = httpCounters(new Counters(), { namespace: "test", binding: "http" });
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, written) => written() });
    const wrong: Error[] = [];
    const client = new Http2Client(
      { socket, peer: PEER },
      {
        clock,
        wheel,
        counters,
        address: "a",
        streamsMax: 10,
        headerListBytesMax: 16_384,
        changed() {},
        closed() {},
        gone() {},
        threw: (error) => wrong.push(error),
      },
    );
    const told = Array.from({ length: REQUESTS }, () => asked(client));
    socket.emit("data", Buffer.concat([settingsFrame(), settingsFrame([], 1)]));
    const half = bytes.length >> 1;
    socket.emit("data", bytes.subarray(0, half));
    socket.emit("data", bytes.subarray(half));
    socket.emit("close");
    if (wrong[0] !== undefined) throw wrong[0];
    assert.deepEqual(
      told.map(({ ends }) => ends),
      Array(REQUESTS).fill(1),
    );
    assert.deepEqual([counters.connections.value, counters.streams.value], [0, 0]);
    wheel.close();
  },
};
