// Requests and responses as they are meant to be.
import assert from "node:assert/strict";
import { constants } from "node:http2";
import { CANCELLED, Code, fail } from "../../src/core/status.ts";
import { END_STREAM, FrameType, resetFrame } from "../kit/frames.ts";
import { byHand, callTo, foreign, responseFrame } from "../kit/http-caller.ts";
import { turn } from "../kit/http-recorder.ts";
import type { ClientClaim, HttpClientSubject } from "./http-subjects.ts";

export const messages = (claim: ClientClaim, client: HttpClientSubject["client"]): void => {
  claim("a request goes out whole: pseudo headers, headers in order with doubles, body", async (t) => {
    let raw: string[] = [];
    let body = "";
    const port = await foreign(t, async (stream, _headers, given) => {
      raw = given;
      for await (const chunk of stream) body += chunk;
      stream.respond({ ":status": 200 }, { endStream: true });
    });
    const { caller, requests } = callTo(await client(t, port), port, {
      headers: [
        ["authorization", "2"],
        ["a", "1"],
        ["authorization", "3"],
      ],
    });
    requests.write([Buffer.from("he"), Buffer.from("llo")]);
    requests.end();
    await caller.until("end");
    assert.deepEqual(raw, [
      ":method",
      "POST",
      ":scheme",
      "http",
      ":authority",
      `127.0.0.1:${port}`,
      ":path",
      "/p?q",
      "authorization",
      "2",
      "a",
      "1",
      "authorization",
      "3",
    ]);
    assert.equal(body, "hello");
  });

  claim("a POST without a body ends with an empty DATA frame: there servers of gRPC look for the end", async (t) => {
    const server = await byHand(t);
    callTo(await client(t, server.port), server.port).requests.end();
    const peer = await server.peer();
    const head = await peer.until(({ type }) => type === FrameType.HEADERS);
    const body = await peer.until(({ type }) => type === FrameType.DATA);
    assert.equal((head?.flags ?? END_STREAM) & END_STREAM, 0);
    assert.deepEqual([body?.flags, body?.payload.length], [END_STREAM, 0]);
  });

  claim("headers, body and trailers come back, doubles kept", async (t) => {
    const port = await foreign(t, (stream) => {
      stream.respond([":status", "201", "x", "1", "x", "2"], { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", t: ["1", "2"] }));
      stream.end("hello");
    });
    const { caller, requests } = callTo(await client(t, port), port);
    requests.end();
    await caller.until("end");
    assert.equal(caller.head?.status, 201);
    assert.deepEqual(
      caller.head?.headers.filter(([key]) => key === "x"),
      [
        ["x", "1"],
        ["x", "2"],
      ],
    );
    assert.equal(String(caller.body), "hello");
    assert.deepEqual(caller.status, { code: Code.OK, message: "" });
    assert.deepEqual(caller.last, {
      headers: [
        ["grpc-status", "0"],
        ["t", "1"],
        ["t", "2"],
      ],
    });
    assert.deepEqual(caller.heard, ["headers", "write", "end"]);
  });

  claim("a response that is headers only is said with end alone", async (t) => {
    const port = await foreign(t, (stream) => stream.respond({ ":status": 200, "grpc-status": "5" }, { endStream: true }));
    const { caller, requests } = callTo(await client(t, port), port);
    requests.end();
    await caller.until("end");
    assert.deepEqual(caller.heard, ["end"]);
    assert.equal(caller.last?.status, 200);
    assert.deepEqual(caller.last?.headers[0], ["grpc-status", "5"]);
  });

  claim("a cancel resets the stream with CANCEL, and nothing is heard after it", async (t) => {
    const server = await byHand(t);
    const { caller, requests } = callTo(await client(t, server.port), server.port);
    requests.write([Buffer.from("x")]);
    const peer = await server.peer();
    await peer.until(({ type }) => type === FrameType.DATA);
    requests.cancel(CANCELLED);
    const reset = await peer.until(({ type }) => type === FrameType.RST_STREAM);
    assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_CANCEL);
    peer.send(responseFrame(1));
    await turn();
    assert.deepEqual(caller.heard, []);
  });

  claim("a whole response before the request is whole is the end, whatever reset follows", async (t) => {
    const server = await byHand(t);
    const { caller, requests } = callTo(await client(t, server.port), server.port);
    requests.write([Buffer.from("x")]);
    const peer = await server.peer();
    await peer.until(({ type }) => type === FrameType.DATA);
    peer.send(responseFrame(1), responseFrame(1, END_STREAM, [["grpc-status", "3"]]), resetFrame(1, constants.NGHTTP2_NO_ERROR));
    await caller.until("end");
    assert.equal(caller.status?.code, Code.OK);
    assert.deepEqual(caller.last, { headers: [["grpc-status", "3"]] });
    requests.write([Buffer.from("late")]);
    requests.end();
    await turn();
    assert.deepEqual(caller.heard, ["headers", "end"]);
  });

  claim("large bodies pass whole both ways", async (t) => {
    const port = await foreign(t, (stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    const { caller, requests } = callTo(await client(t, port), port);
    const body = Buffer.alloc(3 * 1024 * 1024, 7);
    requests.write([body]);
    requests.end();
    await caller.until("end");
    assert.ok(caller.body.equals(body));
  });

  claim("headers that HTTP/2 cannot carry end the request, from a later turn", async (t) => {
    const port = await foreign(t, (stream) => stream.respond({ ":status": 200 }, { endStream: true }));
    const service = await client(t, port);
    const bad = callTo(service, port, { headers: [["bad name", "x"]] });
    bad.requests.end();
    await bad.caller.until("end");
    assert.equal(bad.caller.status?.code, Code.INTERNAL);
    const good = callTo(service, port);
    good.requests.end();
    await good.caller.until("end");
    assert.equal(good.caller.status?.code, Code.OK);
  });

  claim("a cancel before there is a connection leaves nothing behind", async (t) => {
    let asked = 0;
    const port = await foreign(t, (stream) => {
      asked += 1;
      stream.respond({ ":status": 200 }, { endStream: true });
    });
    const service = await client(t, port);
    const left = callTo(service, port);
    left.requests.cancel(fail("CANCELLED", "left").status);
    const stays = callTo(service, port);
    stays.requests.end();
    await stays.caller.until("end");
    assert.equal(asked, 1);
    assert.deepEqual(left.caller.heard, []);
  });
};
