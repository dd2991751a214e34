// Resets, GOAWAYs, lost connections, and either side slower than the other.
import assert from "node:assert/strict";
import { constants, type ServerHttp2Stream } from "node:http2";
import { Code } from "../../src/core/status.ts";
import { END_STREAM, FrameType, frame, resetFrame } from "../kit/frames.ts";
import { byHand, Caller, callTo, foreign, goawayFrame, REQUEST, responseFrame } from "../kit/http-caller.ts";
import { turn } from "../kit/http-recorder.ts";
import type { ClientClaim, HttpClientSubject } from "./http-subjects.ts";

export const failures = (claim: ClientClaim, client: HttpClientSubject["client"]): void => {
  claim("a reset of the peer is the status it stands for", async (t) => {
    for (const [code, status, unprocessed] of [
      [constants.NGHTTP2_REFUSED_STREAM, Code.UNAVAILABLE, true],
      [constants.NGHTTP2_CANCEL, Code.CANCELLED, undefined],
      [constants.NGHTTP2_ENHANCE_YOUR_CALM, Code.RESOURCE_EXHAUSTED, undefined],
      [constants.NGHTTP2_INADEQUATE_SECURITY, Code.PERMISSION_DENIED, undefined],
      [constants.NGHTTP2_INTERNAL_ERROR, Code.INTERNAL, undefined],
      [constants.NGHTTP2_NO_ERROR, Code.INTERNAL, undefined],
      [constants.NGHTTP2_PROTOCOL_ERROR, Code.INTERNAL, undefined],
    ] as const) {
      const server = await byHand(t);
      const { caller, requests } = callTo(await client(t, server.port), server.port);
      requests.write([Buffer.from("x")]);
      const peer = await server.peer();
      await peer.until(({ type }) => type === FrameType.DATA);
      peer.send(resetFrame(1, code));
      await caller.until("end");
      assert.deepEqual(
        [caller.status?.code, caller.status?.unprocessed],
        [status, unprocessed],
        `reset with ${code}: ${caller.status?.message}`,
      );
      assert.deepEqual(caller.heard, ["end"]);
    }
  });

  claim("a reset in the middle of a body ends it with the reset's status", async (t) => {
    const server = await byHand(t);
    const { caller, requests } = callTo(await client(t, server.port), server.port);
    requests.end();
    const peer = await server.peer();
    await peer.until(({ type }) => type === FrameType.HEADERS);
    peer.send(
      responseFrame(1),
      frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.from("half")),
      resetFrame(1, constants.NGHTTP2_INTERNAL_ERROR),
    );
    await caller.until("end");
    assert.equal(caller.status?.code, Code.INTERNAL);
  });

  claim("a reset with NO_ERROR ends the request, also while its body cannot go out", async (t) => {
    for (const answer of [[], [responseFrame(1, END_STREAM)]]) {
      const server = await byHand(t);
      const { caller, requests } = callTo(await client(t, server.port), server.port);
      requests.write([Buffer.alloc(500_000)]); // More than the window.
      if (answer.length > 0) requests.end();
      const peer = await server.peer();
      await peer.until(({ type }) => type === FrameType.DATA);
      peer.send(...answer, resetFrame(1, constants.NGHTTP2_NO_ERROR));
      await caller.until("end");
      assert.equal(caller.status?.code, answer.length > 0 ? Code.OK : Code.INTERNAL);
    }
  });

  claim("streams above the last of a GOAWAY are unprocessed, the others go on", async (t) => {
    const server = await byHand(t);
    const service = await client(t, server.port);
    const first = callTo(service, server.port);
    const second = callTo(service, server.port);
    for (const { requests } of [first, second]) requests.end();
    const peer = await server.peer();
    await peer.until(({ type, stream }) => type === FrameType.HEADERS && stream === 3);
    peer.send(goawayFrame(1, constants.NGHTTP2_NO_ERROR));
    await second.caller.until("end");
    assert.deepEqual([second.caller.status?.code, second.caller.status?.unprocessed], [Code.UNAVAILABLE, true]);
    peer.send(responseFrame(1, END_STREAM));
    await first.caller.until("end");
    assert.equal(first.caller.status?.code, Code.OK);
  });

  claim("a GOAWAY for an error ends the streams below it UNAVAILABLE, without the mark", async (t) => {
    const server = await byHand(t);
    const { caller, requests } = callTo(await client(t, server.port), server.port);
    requests.end();
    const peer = await server.peer();
    await peer.until(({ type }) => type === FrameType.HEADERS);
    peer.send(goawayFrame(1, constants.NGHTTP2_ENHANCE_YOUR_CALM));
    await caller.until("end");
    assert.deepEqual([caller.status?.code, caller.status?.unprocessed], [Code.UNAVAILABLE, undefined]);
    assert.match(caller.status?.message ?? "", /ENHANCE_YOUR_CALM/);
  });

  claim("a lost connection is UNAVAILABLE, names the address and is not marked", async (t) => {
    const server = await byHand(t);
    const { caller, requests } = callTo(await client(t, server.port), server.port);
    requests.write([Buffer.from("x")]);
    const peer = await server.peer();
    await peer.until(({ type }) => type === FrameType.DATA);
    peer.socket.destroy();
    await caller.until("end");
    assert.deepEqual([caller.status?.code, caller.status?.unprocessed], [Code.UNAVAILABLE, undefined]);
    assert.match(caller.status?.message ?? "", new RegExp(`127\\.0\\.0\\.1:${server.port}`));
  });

  claim("a peer that does not read makes write say false, and ready comes when it reads", async (t) => {
    let stream: ServerHttp2Stream | undefined;
    const port = await foreign(t, (given) => {
      stream = given;
      given.pause();
    });
    const { caller, requests } = callTo(await client(t, port), port);
    const chunk = Buffer.alloc(16_384, 1);
    let written = 0;
    do written += chunk.length;
    while (requests.write([chunk]));
    while (stream === undefined) await turn();
    // What waited for the connection may have been let go by now; the window is what stops it then.
    while (caller.heard.includes("ready")) {
      caller.heard.length = 0;
      do written += chunk.length;
      while (requests.write([chunk]));
      await turn();
    }
    assert.ok(written < 1024 * 1024, `${written} bytes were taken`);
    let received = 0;
    stream.on("data", (data: Buffer) => {
      received += data.length;
    });
    stream.on("end", () => stream?.respond({ ":status": 200 }, { endStream: true }));
    stream.resume();
    await caller.until("ready");
    requests.end();
    await caller.until("end");
    assert.equal(received, written);
  });

  claim("a caller that says false stops the peer by its window, and nothing is lost", async (t) => {
    const whole = 4 * 1024 * 1024;
    const port = await foreign(t, (stream) => {
      stream.respond({ ":status": 200 });
      stream.end(Buffer.alloc(whole, 1));
    });
    const { caller, requests } = callTo(await client(t, port), port);
    caller.keep = false;
    caller.welcome = false;
    requests.end();
    await caller.until("write");
    for (let i = 0; i < 20; i++) await turn();
    assert.ok(caller.bytes <= 65_536 * 2, `${caller.bytes} bytes came`);
    caller.welcome = true;
    requests.ready();
    await caller.until("end");
    assert.equal(caller.bytes, whole);
    assert.equal(caller.status?.code, Code.OK);
  });

  claim("a caller that goes on after false is ended RESOURCE_EXHAUSTED", async (t) => {
    const port = await foreign(t, (stream) => stream.pause());
    const service = await client(t, port);
    const caller = new Caller();
    const requests = service({ ...REQUEST, authority: `127.0.0.1:${port}` }, caller); // Not strict: it breaks the contract.
    const chunk = Buffer.alloc(256 * 1024);
    for (let i = 0; i < 200; i++) {
      requests.write([chunk]);
      if (i % 10 === 0) await turn();
    }
    await caller.until("end");
    assert.equal(caller.status?.code, Code.RESOURCE_EXHAUSTED);
  });
};
