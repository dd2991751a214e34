// What a request must be, and what is answered to one that is not (RFC 9113 §5, §8).
import assert from "node:assert/strict";
import { constants } from "node:http2";
import { OK } from "../../src/core/status.ts";
import type { Http } from "../../src/ports/http.ts";
import { END_STREAM, FrameType, frame, headersFrame, POST, type RawPeer, rawClient, uint32 } from "../kit/frames.ts";
import { Recorder } from "../kit/http-recorder.ts";
import { check, goawayCode, holding, served, until } from "./served.ts";

type Fields = readonly (readonly [string, string])[];

const resetCode = async (peer: RawPeer, id: number): Promise<number | undefined> =>
  (await peer.until(({ type, stream }) => type === FrameType.RST_STREAM && stream === id))?.payload.readUInt32BE(0);
const data = (stream: number, text: string, flags = 0): Buffer => frame({ type: FrameType.DATA, flags, stream }, Buffer.from(text));

const MALFORMED: readonly (readonly [string, Fields])[] = [
  ["without a method", POST.slice(1)],
  ["without a scheme", [...POST.slice(0, 1), ...POST.slice(2)]],
  ["without a path", POST.slice(0, 3)],
  ["with an empty path", [...POST.slice(0, 3), [":path", ""]]],
  ["with a path twice", [...POST, [":path", "/q"]]],
  ["with a status", [...POST, [":status", "200"]]],
  ["with a pseudo header nobody knows", [...POST, [":what", "x"]]],
  ["with a pseudo header behind others", [["a", "b"], ...POST]],
  ["with a name in upper case", [...POST, ["X-Up", "x"]]],
  ["with an empty name", [...POST, ["", "x"]]],
  ["with a space in a name", [...POST, ["a b", "x"]]],
  ["with a line break in a value", [...POST, ["a", "x\ny"]]],
  ["with a NUL in a value", [...POST, ["a", "x\0y"]]],
  ["with white space before a value", [...POST, ["a", " x"]]],
  ["with white space behind a value", [...POST, ["a", "x\t"]]],
  ["with connection", [...POST, ["connection", "close"]]],
  ["with transfer-encoding", [...POST, ["transfer-encoding", "chunked"]]],
  ["with te that is not trailers", [...POST, ["te", "gzip"]]],
  ["with a host that is not its authority", [...POST, ["host", "other"]]],
  ["with a content-length that is no number", [...POST, ["content-length", "1x"]]],
  ["with two content-lengths", [...POST, ["content-length", "1"], ["content-length", "2"]]],
];

for (const [what, fields] of MALFORMED)
  check(`a request ${what} is malformed: its stream is reset and the service not asked`, async (t) => {
    const recorder = new Recorder();
    const { port, counters } = await served(t, recorder.service);
    const peer = await rawClient(t, port);
    peer.send(headersFrame(1, fields, END_STREAM));
    assert.equal(await resetCode(peer, 1), constants.NGHTTP2_PROTOCOL_ERROR);
    peer.send(headersFrame(3));
    await recorder.until("open");
    assert.deepEqual(recorder.heard, ["open"]);
    assert.equal(counters.limits.protocol.value, 1);
  });

check("a request may have te: trailers, a host that is its authority, tabs inside of values and bytes above ASCII", async (t) => {
  const recorder = new Recorder();
  const { port } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  const fields: Fields = [
    ["te", "trailers"],
    ["host", "X:80"],
    ["a", "b\tc"],
    ["d", ""],
  ];
  peer.send(headersFrame(1, [...POST, ...fields], END_STREAM));
  await recorder.until("end");
  assert.deepEqual(recorder.request.headers, fields);
});

check("a body must have the length that content-length says", async (t) => {
  const recorder = new Recorder();
  const { port } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  const sized = (id: number, flags = 0): Buffer => headersFrame(id, [...POST, ["content-length", "3"]], flags);
  peer.send(
    sized(1),
    data(1, "abcd"),
    sized(3),
    data(3, "ab", END_STREAM),
    sized(5, END_STREAM),
    sized(7),
    data(7, "ab"),
    data(7, "c", END_STREAM),
  );
  for (const id of [1, 3, 5]) assert.equal(await resetCode(peer, id), constants.NGHTTP2_PROTOCOL_ERROR);
  await recorder.until("end");
  assert.equal(recorder.heard.filter((what) => what === "cancel").length, 3);
  assert.equal(recorder.heard.filter((what) => what === "end").length, 1);
});

check("trailers of a request are taken and dropped; those that break the rules reset it", async (t) => {
  const recorder = new Recorder();
  const { port } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1), data(1, "x"), headersFrame(1, [["t", "1"]], END_STREAM));
  await recorder.until("end");
  peer.send(headersFrame(3), headersFrame(3, [["t", "1"]]));
  assert.equal(await resetCode(peer, 3), constants.NGHTTP2_PROTOCOL_ERROR);
  peer.send(headersFrame(5), headersFrame(5, [[":path", "/"]], END_STREAM));
  assert.equal(await resetCode(peer, 5), constants.NGHTTP2_PROTOCOL_ERROR);
  assert.deepEqual(
    recorder.heard.filter((what) => what === "end"),
    ["end"],
  );
});

check("CONNECT and Expect are refused with an answer", async (t) => {
  const { port } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.send(
    headersFrame(1, [
      [":method", "CONNECT"],
      [":authority", "x:1"],
    ]),
    headersFrame(3, [...POST, ["expect", "100-continue"]]),
  );
  for (const [id, status] of [
    [1, "501"],
    [3, "417"],
  ] as const) {
    const answer = await peer.until(({ type, stream }) => type === FrameType.HEADERS && stream === id);
    assert.ok(answer?.payload.includes(status), `${answer?.payload}`);
    assert.equal(await resetCode(peer, id), constants.NGHTTP2_NO_ERROR);
  }
});

check("a header list that is too large is answered 431", async (t) => {
  const { port, counters } = await served(t, holding);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1, [...POST, ["a", "x".repeat(15_000)], ["b", "y".repeat(1_000)], ["c", "z".repeat(300)]], END_STREAM));
  const answer = await peer.until(({ type, stream }) => type === FrameType.HEADERS && stream === 1);
  assert.ok(answer?.payload.includes("431"));
  assert.equal(counters.limits.headers.value, 1);
});

check("the answer to HEAD, and one without content, have no body", async (t) => {
  const service: Http = (request, reply) => ({
    ...holding(request, reply),
    end: () => {
      reply.headers({ status: request.method === "HEAD" ? 200 : 204, headers: [["content-length", "5"]] });
      reply.write([Buffer.from("hello")]);
      reply.end(OK, { headers: [["t", "1"]] });
    },
  });
  const { port, counters } = await served(t, service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1, [[":method", "HEAD"], ...POST.slice(1)], END_STREAM), headersFrame(3, POST, END_STREAM));
  for (const id of [1, 3]) {
    const answer = await peer.until(({ type, stream }) => type === FrameType.HEADERS && stream === id);
    assert.equal((answer?.flags ?? 0) & END_STREAM, END_STREAM);
  }
  await until(() => counters.streams.value === 0);
  assert.ok(!peer.frames.some(({ type }) => type === FrameType.DATA));
});

const BREACHES: readonly (readonly [string, number, readonly Buffer[]])[] = [
  ["DATA on stream 0", constants.NGHTTP2_PROTOCOL_ERROR, [data(0, "x")]],
  ["DATA on a stream nobody opened", constants.NGHTTP2_PROTOCOL_ERROR, [data(1, "x")]],
  ["HEADERS on a stream of the server's", constants.NGHTTP2_PROTOCOL_ERROR, [headersFrame(2)]],
  ["a stream that is opened after later ones", constants.NGHTTP2_PROTOCOL_ERROR, [headersFrame(5), headersFrame(3)]],
  ["a frame inside of a header block", constants.NGHTTP2_PROTOCOL_ERROR, [frame({ type: 1, flags: 0, stream: 1 }), headersFrame(3)]],
  ["CONTINUATION without a header block", constants.NGHTTP2_PROTOCOL_ERROR, [frame({ type: 9, flags: 4, stream: 1 })]],
  ["a push", constants.NGHTTP2_PROTOCOL_ERROR, [frame({ type: 5, flags: 4, stream: 1 }, uint32(2))]],
  ["a PING of seven bytes", constants.NGHTTP2_FRAME_SIZE_ERROR, [frame({ type: 6, flags: 0, stream: 0 }, Buffer.alloc(7))]],
  ["a frame that is too long", constants.NGHTTP2_FRAME_SIZE_ERROR, [frame({ type: 0, flags: 0, stream: 1 }, Buffer.alloc(16_385))]],
  [
    "padding that is longer than its frame",
    constants.NGHTTP2_PROTOCOL_ERROR,
    [headersFrame(1), frame({ type: 0, flags: 8, stream: 1 }, Buffer.from([9, 0]))],
  ],
  [
    "a header block that makes no sense",
    constants.NGHTTP2_COMPRESSION_ERROR,
    [frame({ type: 1, flags: 4, stream: 1 }, Buffer.from([0x80]))],
  ],
  [
    "a stream that depends on itself",
    constants.NGHTTP2_PROTOCOL_ERROR,
    [frame({ type: 2, flags: 0, stream: 1 }, Buffer.from([0, 0, 0, 1, 0]))],
  ],
  ["SETTINGS of five bytes", constants.NGHTTP2_FRAME_SIZE_ERROR, [frame({ type: 4, flags: 0, stream: 0 }, Buffer.alloc(5))]],
  ["a window of 2^31", constants.NGHTTP2_FLOW_CONTROL_ERROR, [frame({ type: 4, flags: 0, stream: 0 }, Buffer.from([0, 4, 0x80, 0, 0, 0]))]],
  [
    "a frame size that is not allowed",
    constants.NGHTTP2_PROTOCOL_ERROR,
    [frame({ type: 4, flags: 0, stream: 0 }, Buffer.from([0, 5, 0, 0, 0, 1]))],
  ],
  [
    "more than the connection's window",
    constants.NGHTTP2_FLOW_CONTROL_ERROR,
    Array.from({ length: 130 }, (_, at) => [
      headersFrame(at * 2 + 1),
      ...Array<Buffer>(4).fill(data(at * 2 + 1, "x".repeat(16_383))),
    ]).flat(),
  ],
];

for (const [what, code, frames] of BREACHES)
  check(`${what} ends the connection`, async (t) => {
    // Nobody reads, so nothing is given back.
    const deaf: Http = () => ({ write: () => false, end() {}, cancel() {}, ready() {} });
    const { port, counters } = await served(t, deaf, { streamsMax: 200 });
    const peer = await rawClient(t, port);
    peer.send(...frames);
    assert.equal(await goawayCode(peer), code);
    await until(() => counters.streams.value === 0);
    assert.equal(counters.limits.protocol.value, 1);
  });

check("more than a stream's window resets the stream", async (t) => {
  const { port, counters } = await served(t, () => ({ write: () => false, end() {}, cancel() {}, ready() {} }));
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1), ...Array<Buffer>(5).fill(data(1, "x".repeat(16_000))));
  assert.equal(await resetCode(peer, 1), constants.NGHTTP2_FLOW_CONTROL_ERROR);
  assert.equal(counters.connections.value, 1);
});

check("what still comes for a stream that was reset here is dropped, also its trailers", async (t) => {
  const recorder = new Recorder();
  const { port } = await served(t, recorder.service);
  const peer = await rawClient(t, port);
  peer.send(headersFrame(1));
  await recorder.until("open");
  recorder.reply.end(OK, { status: 404, headers: [] });
  assert.equal(await resetCode(peer, 1), constants.NGHTTP2_NO_ERROR);
  peer.send(data(1, "late"), headersFrame(1, [["x-learnt", "1"]], END_STREAM), headersFrame(3, POST, END_STREAM));
  await recorder.until("end");
  assert.equal(recorder.bytes, 0);
});
