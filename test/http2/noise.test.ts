// Frames in any order with anything in them, cut anywhere: nothing is thrown, nothing is left behind, and every exchange has one end.
import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { Counters } from "../../src/core/counters.ts";
import { OK } from "../../src/core/status.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import { Http2Client } from "../../src/http2/client.ts";
import { ClientStream } from "../../src/http2/client-stream.ts";
import { httpCounters } from "../../src/http2/counters.ts";
import { Http2Server } from "../../src/http2/server.ts";
import type { Http } from "../../src/ports/http.ts";
import { ManualClock } from "../kit/clock.ts";
import { ACK, frame, headerBlock, POST, PREFACE, settingsFrame } from "../kit/frames.ts";
import { Caller, REQUEST } from "../kit/http-caller.ts";
import { turn } from "../kit/http-recorder.ts";
import { strict } from "../kit/strict.ts";

const RUNS = 150;

/** A socket whose other end takes everything and says what the test says. */
const socketOf = (): Duplex => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(), emitClose: true });

const bench = () => {
  const clock = new ManualClock();
  const counters = httpCounters(new Counters(), { namespace: "test", binding: "http" });
  const thrown: unknown[] = [];
  const threw = (reason: Error): void => void thrown.push(reason);
  const parts = { clock, counters, wheel: new Wheel(clock), streamsMax: 8, headerListBytesMax: 2_000, threw };
  return { socket: socketOf(), clock, counters, thrown, parts };
};

const PEER = { address: "127.0.0.1", port: 1, localAddress: "127.0.0.1", localPort: 2 };

/** Says false now and then, answers early or late, and is held to the contract by `strict`. */
const moody: Http = strict((request, reply) => {
  let count = 0;
  const answer = (): void => {
    reply.headers({ status: 200, headers: [["x", request.path]] });
    reply.write([Buffer.alloc(3_000)]);
    reply.end(OK, { headers: [["t", "1"]] });
  };
  return {
    write: () => {
      count += 1;
      if (count % 3 !== 0) return true;
      process.nextTick(() => reply.ready());
      return false;
    },
    end: () => {
      if (request.method === "POST") answer();
      else reply.end(OK, { status: 404, headers: [] });
    },
    cancel() {},
    ready() {},
  };
});

const block = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(POST, [[":method", "GET"], ...POST.slice(1)] as const, [["t", "1"]] as const, [[":status", "200"]] as const)
      .map(headerBlock),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
);
const stream = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(1, 3, 5, 7, 9) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2, 11, 0x7fffffff) },
);
const anyFrame = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(stream, block, fc.constantFrom(0x4, 0x5, 0x5, 0x0, 0x1))
      .map(([id, bytes, flags]) => frame({ type: 1, flags, stream: id }, bytes)),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(stream, fc.nat(3_000), fc.constantFrom(0, 0, 1, 8))
      .map(([id, length, flags]) => frame({ type: 0, flags, stream: id }, Buffer.alloc(length))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(stream, block, fc.constantFrom(0, 4)).map(([id, bytes, flags]) => frame({ type: 9, flags, stream: id }, bytes)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(stream, fc.nat(13)).map(([id, code]) => frame({ type: 3, flags: 0, stream: id }, Buffer.from([0, 0, 0, code]))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(stream, fc.constantFrom(0, 1, 1_000, 0x7fffffff))
      .map(([id, bytes]) => frame({ type: 8, flags: 0, stream: id }, uint32(bytes))),
  },
  { weight: 1, arbitrary: fc.tuple(fc.nat(6), fc.constantFrom(0, 1, 100, 65_535, 0x7fffffff)).map((pair) => settingsFrame([pair])) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(12), fc.nat(255), stream, fc.uint8Array({ maxLength: 20 }))
      .map(([type, flags, id, bytes]) => frame({ type, flags, stream: id }, bytes)),
  },
);
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** What a peer may well do: mostly to streams that are there. */
const step = fc.record({
  what: fc.constantFrom("open", "open", "open whole", "data", "data", "data", "end", "trailers", "reset", "window", "ping", "settings"),
  which: fc.nat(20),
  amount: fc.nat(20_000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Of a server's steps the "open" ones are responses. */
const framesOf = (steps: readonly Step[], opens: "requests" | "responses"): Buffer[] => {
  let next = 1;
  const head = opens === "requests" ? headerBlock(POST) : headerBlock([[":status", "200"]]);
  const first: Step = { what: "open", which: 0, amount: 0 };
  return [first, ...steps].map(({ what, which, amount }) => {
    const last = opens === "requests" ? Math.max(next - 2, 1) : 7;
    const id = Math.min(last, (which % 4) * 2 + Math.max(1, last - 6));
    if (what === "data") return frame({ type: 0, flags: 0, stream: id }, Buffer.alloc(amount % 16_385));
    if (what === "end") return frame({ type: 0, flags: 1, stream: id }, Buffer.alloc(amount % 100));
    if (what === "trailers") return frame({ type: 1, flags: 5, stream: id }, headerBlock([["t", "1"]]));
    if (what === "reset") return frame({ type: 3, flags: 0, stream: id }, uint32(which % 14));
    if (what === "window") return frame({ type: 8, flags: 0, stream: which % 3 === 0 ? 0 : id }, uint32(amount + 1));
    if (what === "ping") return frame({ type: 6, flags: which % 2, stream: 0 }, Buffer.alloc(8));
    if (what === "settings") return settingsFrame([[which % 2 === 0 ? 4 : 1, amount]]);
    const opened = opens === "requests" ? next : (which % 4) * 2 + 1;
    next += 2;
    return frame({ type: 1, flags: what === "open" ? 4 : 5, stream: opened }, head);
  });
};

const cuts = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 10 });
const noise = fc.record({
  steps: fc.array(step, { maxLength: 40 }),
  frames: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(anyFrame, { maxLength: 10 }) }),
  cuts,
});

const say = async (socket: Duplex, bytes: Buffer, cuts: readonly number[]): Promise<void> => {
  for (let at = 0, cut = 0; at < bytes.length && !socket.destroyed; cut++) {
    const length = cuts[cut % cuts.length] ?? bytes.length;
    socket.push(bytes.subarray(at, at + length));
    at += length;
    if (cut % 4 === 3) await turn();
  }
  for (let at = 0; at < 4; at++) await turn();
};

const leave = async ({ socket, clock, counters, thrown }: ReturnType<typeof bench>): Promise<void> => {
  socket.destroy();
  for (let at = 0; at < 3; at++) await turn();
  clock.advance(1_000_000);
  await turn();
  assert.deepEqual(thrown, []);
  assert.deepEqual([counters.connections.value, counters.streams.value], [0, 0]);
};

test("a server survives whatever a client sends", async () => {
  await fc.assert(
    fc.asyncProperty(noise, async ({ steps, frames, cuts }) => {
      const given = bench();
      const { socket, parts } = given;
      const refusal = () => ({ status: 503, headers: [] });
      new Http2Server({ socket, peer: PEER }, moody, { ...parts, refusal, closed() {} });
      await say(socket, Buffer.concat([PREFACE, settingsFrame(), settingsFrame([], ACK), ...framesOf(steps, "requests"), ...frames]), cuts);
      await leave(given);
    }),
    { numRuns: RUNS },
  );
});

test("a client survives whatever a server sends, and each of its requests has one end", async () => {
  await fc.assert(
    fc.asyncProperty(noise, async ({ steps, frames, cuts }) => {
      const given = bench();
      const { socket, parts } = given;
      const client = new Http2Client({ socket, peer: PEER }, { ...parts, address: "test", changed() {}, closed() {}, gone() {} });
      await say(socket, Buffer.concat([settingsFrame(), settingsFrame([], ACK)]), [1_000]);
      const callers = [1, 2, 3, 4].map(() => new Caller());
      for (const [at, caller] of callers.entries()) {
        const service: Http = (request, reply) => {
          const made = new ClientStream(request, reply, { left() {} });
          process.nextTick(() => client.start(made));
          return made;
        };
        const requests = strict(service)({ ...REQUEST, authority: "test" }, caller);
        requests.write([Buffer.alloc(5_000)]);
        if (at % 2 === 0) requests.end();
      }
      await turn();
      await say(socket, Buffer.concat([...framesOf(steps, "responses"), ...frames]), cuts);
      await leave(given);
      for (const { heard } of callers) assert.equal(heard.filter((what) => what === "end").length, 1, `${heard}`);
    }),
    { numRuns: RUNS },
  );
});
