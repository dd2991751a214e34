// What a response must be, and what becomes of one that is not; and what a server may not do to a client.
import assert from "node:assert/strict";
import { constants } from "node:http2";
import type { TestContext } from "node:test";
import { Code, type Status } from "../../src/core/status.ts";
import * as limits from "../../src/http2/limits.ts";
import { ACK, END_STREAM, FrameType, frame, headersFrame, type RawPeer, settingsFrame, uint32 } from "../kit/frames.ts";
import { byHand, type Caller, callTo, responseFrame } from "../kit/http-caller.ts";
import { turn } from "../kit/http-recorder.ts";
import { connected, OURS } from "./connected.ts";
import { check, goawayCode } from "./served.ts";

interface Asked {
  readonly peer: RawPeer;
  readonly caller: Caller;
}

/** A request whose headers have come to a server that is made by hand. */
const asked = async (t: TestContext, method = "POST"): Promise<Asked> => {
  const server = await byHand(t);
  const { caller, requests } = callTo(await connected(t, server.port, OURS), server.port, { method });
  requests.end();
  const peer = await server.peer();
  await peer.until(({ type }) => type === FrameType.HEADERS);
  return { peer, caller };
};

const data = (text: string, flags = 0): Buffer => frame({ type: FrameType.DATA, flags, stream: 1 }, Buffer.from(text));
const ended = async ({ caller }: Asked): Promise<Status | undefined> => {
  await caller.until("end");
  return caller.status;
};

const MALFORMED: readonly (readonly [string, readonly Buffer[]])[] = [
  ["without a status", [responseFrame(1, 0, [["a", "b"]])]],
  ["with a status that is no number", [responseFrame(1, 0, [[":status", "2x0"]])]],
  ["with a status of two digits", [responseFrame(1, 0, [[":status", "20"]])]],
  [
    "with a pseudo header of requests",
    [
      headersFrame(1, [
        [":status", "200"],
        [":path", "/"],
      ]),
    ],
  ],
  [
    "with connection",
    [
      responseFrame(1, 0, [
        [":status", "200"],
        ["connection", "close"],
      ]),
    ],
  ],
  ["with a status in its trailers", [responseFrame(1), responseFrame(1, END_STREAM)]],
  ["with trailers that do not end it", [responseFrame(1), responseFrame(1, 0, [["t", "1"]])]],
  ["that is an interim one and ends", [responseFrame(1, END_STREAM, [[":status", "103"]])]],
  ["with a body before its headers", [data("x")]],
  [
    "whose body is longer than its content-length",
    [
      responseFrame(1, 0, [
        [":status", "200"],
        ["content-length", "1"],
      ]),
      data("xy"),
    ],
  ],
  [
    "whose body is shorter than its content-length",
    [
      responseFrame(1, 0, [
        [":status", "200"],
        ["content-length", "3"],
      ]),
      data("xy", END_STREAM),
    ],
  ],
];

for (const [what, frames] of MALFORMED)
  check(`a response ${what} ends its request INTERNAL and resets its stream; the connection goes on`, async (t) => {
    const request = await asked(t);
    request.peer.send(...frames);
    assert.equal((await ended(request))?.code, Code.INTERNAL);
    const reset = await request.peer.until(({ type }) => type === FrameType.RST_STREAM);
    assert.ok(reset);
    const ping = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8, 1));
    request.peer.send(ping);
    await request.peer.until(({ type, flags }) => type === FrameType.PING && flags === ACK);
  });

check("interim responses are passed over", async (t) => {
  const request = await asked(t);
  request.peer.send(
    responseFrame(1, 0, [[":status", "100"]]),
    responseFrame(1, 0, [[":status", "103"]]),
    responseFrame(1),
    data("x", END_STREAM),
  );
  assert.equal((await ended(request))?.code, Code.OK);
  assert.deepEqual([request.caller.head?.status, String(request.caller.body)], [200, "x"]);
  assert.deepEqual(request.caller.heard, ["headers", "write", "end"]);
});

check("the answer to HEAD may have a content-length and no body", async (t) => {
  const request = await asked(t, "HEAD");
  request.peer.send(
    responseFrame(1, END_STREAM, [
      [":status", "200"],
      ["content-length", "5"],
    ]),
  );
  assert.equal((await ended(request))?.code, Code.OK);
});

check("headers of a response that are too many or too large end its request RESOURCE_EXHAUSTED", async (t) => {
  const many = Array.from({ length: limits.HEADER_PAIRS_MAX }, (_, at): readonly [string, string] => [`x-${at}`, "y"]);
  for (const fields of [many, [["x", "y".repeat(17_000)] as const]]) {
    const request = await asked(t);
    const block = responseFrame(1, 0, [[":status", "200"], ...fields]);
    if (block.length <= 16_384 + 9) request.peer.send(block);
    else {
      const payload = block.subarray(9);
      request.peer.send(
        frame({ type: FrameType.HEADERS, flags: 0, stream: 1 }, payload.subarray(0, 16_000)),
        frame({ type: FrameType.CONTINUATION, flags: 4, stream: 1 }, payload.subarray(16_000)),
      );
    }
    assert.equal((await ended(request))?.code, Code.RESOURCE_EXHAUSTED);
    const reset = await request.peer.until(({ type }) => type === FrameType.RST_STREAM);
    assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_CANCEL);
  }
});

const PING = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8));
const BREACHES: readonly (readonly [string, number, Buffer])[] = [
  ["a push", constants.NGHTTP2_PROTOCOL_ERROR, frame({ type: FrameType.PUSH_PROMISE, flags: 4, stream: 1 }, uint32(2))],
  ["a stream of its own", constants.NGHTTP2_PROTOCOL_ERROR, responseFrame(2)],
  ["a response to what was never asked", constants.NGHTTP2_PROTOCOL_ERROR, responseFrame(9)],
  [
    "a body for what was never asked",
    constants.NGHTTP2_PROTOCOL_ERROR,
    frame({ type: FrameType.DATA, flags: 0, stream: 9 }, Buffer.from("x")),
  ],
  ["settings that allow pushes", constants.NGHTTP2_PROTOCOL_ERROR, settingsFrame([[2, 1]])],
  ["a flood of pings", constants.NGHTTP2_ENHANCE_YOUR_CALM, Buffer.concat(Array<Buffer>(limits.IDLE_PINGS_PER_MINUTE_MAX + 2).fill(PING))],
  [
    "a header block that makes no sense",
    constants.NGHTTP2_COMPRESSION_ERROR,
    frame({ type: FrameType.HEADERS, flags: 4, stream: 1 }, Buffer.from([0x80])),
  ],
];

for (const [what, code, bytes] of BREACHES)
  check(`a server that sends ${what} is left, and the requests on it end UNAVAILABLE`, async (t) => {
    const request = await asked(t);
    request.peer.send(bytes);
    const status = await ended(request);
    assert.deepEqual([status?.code, status?.unprocessed], [Code.UNAVAILABLE, undefined]);
    assert.equal(await goawayCode(request.peer), code);
  });

check("a response that ends before the request does resets it, and what was queued of it is not sent", async (t) => {
  const server = await byHand(t);
  const { caller, requests } = callTo(await connected(t, server.port, OURS), server.port);
  requests.write([Buffer.alloc(200_000)]);
  const peer = await server.peer();
  await peer.until(({ type }) => type === FrameType.DATA);
  peer.send(
    responseFrame(1, END_STREAM, [
      [":status", "200"],
      ["grpc-status", "8"],
    ]),
  );
  await caller.until("end");
  assert.deepEqual([caller.status?.code, caller.last?.headers], [Code.OK, [["grpc-status", "8"]]]);
  assert.ok(await peer.until(({ type }) => type === FrameType.RST_STREAM));
  for (let at = 0; at < 5; at++) await turn();
  const sent = peer.frames.filter(({ type }) => type === FrameType.DATA).reduce((sum, { payload }) => sum + payload.length, 0);
  assert.equal(sent, 65_535);
});

check("a response's body is taken as fast as it comes: its window grows", async (t) => {
  const request = await asked(t);
  request.caller.keep = false;
  request.peer.send(responseFrame(1));
  let left = 65_535;
  let seen = 0;
  let granted = 0;
  for (let sent = 0; sent < 1_000_000; ) {
    const bytes = Math.min(16_384, left);
    request.peer.send(frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(bytes)));
    sent += bytes;
    left -= bytes;
    while (left === 0 || seen < request.peer.frames.length) {
      for (; seen < request.peer.frames.length; seen++) {
        const { type, stream, payload } = request.peer.frames[seen]!;
        if (type !== FrameType.WINDOW_UPDATE || stream !== 1) continue;
        left += payload.readUInt32BE(0);
        granted = Math.max(granted, payload.readUInt32BE(0));
      }
      if (left === 0) await turn();
    }
    if (request.caller.bytes < sent - 65_535) await turn();
  }
  assert.ok(granted > 100_000, `${granted} at most`);
});
