// Callers that leave, and either side slower than the other.
import assert from "node:assert/strict";
import { once } from "node:events";
import { constants } from "node:http2";
import { Code, OK } from "../../src/core/status.ts";
import type { Http } from "../../src/ports/http.ts";
import { FrameType, frame, headersFrame, rawClient, resetFrame } from "../kit/frames.ts";
import { bodyOf, called, closed, pinged, Recorder, turn } from "../kit/http-recorder.ts";
import { strict } from "../kit/strict.ts";
import type { HttpServerSubject, ServerClaim } from "./http-subjects.ts";

export const pressure = (claim: ServerClaim, serve: HttpServerSubject["serve"]): void => {
  claim("a reset by the caller is exactly one cancel, and never a half-close", async (t, recorder, port) => {
    const peer = await rawClient(t, port); // node:http2 ends the body before it resets.
    for (const pause of [true, false]) {
      const before = recorder.heard.length;
      const id = pause ? 1 : 3;
      peer.send(headersFrame(id), frame({ type: FrameType.DATA, flags: 0, stream: id }, Buffer.from("half a mess")));
      if (pause) while (!recorder.heard.slice(before).includes("write")) await turn();
      peer.send(resetFrame(id, constants.NGHTTP2_CANCEL));
      while (!recorder.heard.slice(before).includes("cancel")) await turn();
      await turn();
      await turn();
      assert.deepEqual(
        recorder.heard.slice(before).filter((what) => what !== "write"),
        ["open", "cancel"],
      );
      assert.equal(recorder.cancelledWith?.code, Code.CANCELLED);
    }
  });

  claim("a reset with NO_ERROR is a cancel like any other, also while neither side reads", async (t, recorder, port) => {
    const peer = await rawClient(t, port);
    recorder.welcome = false;
    peer.send(headersFrame(1), frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.from("x")));
    await recorder.until("write");
    while (recorder.reply.write([Buffer.alloc(16_384)]));
    peer.send(resetFrame(1, constants.NGHTTP2_NO_ERROR));
    await recorder.until("cancel");
    await turn();
    assert.deepEqual(recorder.heard, ["open", "write", "cancel"]);
  });

  claim("a reset after the half-close is exactly one cancel as well", async (t, recorder, port) => {
    const { stream } = called(t, port);
    stream.end("x");
    await recorder.until("end");
    recorder.reply.write([Buffer.from("first")]);
    await once(stream, "data");
    stream.close(constants.NGHTTP2_CANCEL);
    await recorder.until("cancel");
    await turn();
    assert.deepEqual(recorder.heard, ["open", "write", "end", "cancel"]);
  });

  claim("a caller that hangs up cancels all its streams in the same turn", async (t, _, port) => {
    let turns = 0;
    const cancelledIn: number[] = [];
    const many = await serve(t, (_request, reply) => {
      reply.ready();
      return { write: () => true, end() {}, ready() {}, cancel: () => void cancelledIn.push(turns) };
    });
    assert.notEqual(many, port);
    const { session, stream } = called(t, many);
    const streams = [stream, ...[1, 2, 3, 4].map(() => session.request({ ":method": "POST" }))];
    for (const each of streams) {
      each.on("error", () => {});
      each.write("x");
    }
    await pinged(session);
    let counting = true;
    const count = (): void => {
      turns += 1;
      if (counting) setImmediate(count);
    };
    count();
    session.socket.destroy();
    while (cancelledIn.length < streams.length) await turn();
    counting = false;
    assert.equal(new Set(cancelledIn).size, 1, `cancelled in the turns ${cancelledIn}`);
  });

  claim("a service that says false stops the caller by its window, and nothing is lost", async (t, recorder, port) => {
    const { stream } = called(t, port);
    recorder.welcome = false;
    const whole = 4 * 1024 * 1024;
    stream.end(Buffer.alloc(whole, 1));
    await recorder.until("write");
    for (let i = 0; i < 20; i++) await turn();
    assert.ok(recorder.bytes <= 65_536, `${recorder.bytes} bytes came at once`);
    recorder.welcome = true;
    recorder.reply.ready();
    await recorder.until("end");
    assert.equal(recorder.bytes, whole);
  });

  claim("a caller that does not read makes write say false, and ready comes when it reads", async (t, recorder, port) => {
    const { stream } = called(t, port);
    stream.end();
    stream.pause();
    await recorder.until("end");
    let written = 0;
    const chunk = Buffer.alloc(16_384, 2);
    while (recorder.reply.write([chunk])) written += chunk.length;
    written += chunk.length;
    assert.ok(written < 1024 * 1024, `${written} bytes were taken`);
    assert.ok(!recorder.heard.includes("ready"));
    const body = bodyOf(stream);
    await recorder.until("ready");
    recorder.reply.end(OK);
    assert.equal((await body).length, written);
  });

  claim("a service that goes on after false is ended, with one cancel, and its memory is bounded", async (t, recorder, port) => {
    const deaf = new Recorder();
    const open = await serve(t, deaf.service); // Not strict: it breaks the contract.
    assert.notEqual(open, port);
    const { stream } = called(t, open);
    stream.pause();
    stream.end();
    await deaf.until("end");
    const chunk = Buffer.alloc(256 * 1024);
    for (let i = 0; i < 200; i++) deaf.reply.write([chunk]);
    await deaf.until("cancel");
    assert.equal(deaf.cancelledWith?.code, Code.RESOURCE_EXHAUSTED);
    await closed(stream);
    assert.equal(stream.rstCode, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    assert.deepEqual(deaf.heard, ["open", "end", "cancel"]);
    assert.deepEqual(recorder.heard, []);
  });

  claim("large bodies pass whole both ways", async (t, _, port) => {
    const echoing = await serve(t, strict(echo));
    assert.notEqual(echoing, port);
    const { stream } = called(t, echoing);
    const body = Buffer.alloc(3 * 1024 * 1024, 7);
    stream.end(body);
    let bytes = 0;
    stream.on("data", (chunk: Buffer) => {
      assert.ok(chunk.every((byte) => byte === 7));
      bytes += chunk.length;
    });
    await once(stream, "end");
    assert.equal(bytes, body.length);
  });

  claim("a chunk of many times the window is written whole", async (t, recorder, port) => {
    const { stream } = called(t, port);
    stream.end();
    await recorder.until("end");
    recorder.reply.write([Buffer.alloc(2_000_000, 3), Buffer.alloc(0), Buffer.alloc(1, 4)]);
    recorder.reply.end(OK, { headers: [["t", "1"]] });
    assert.equal((await bodyOf(stream)).length, 2_000_001);
  });

  claim("a reply after the exchange is over does nothing", async (t, _, port) => {
    const late = new Recorder();
    const open = await serve(t, late.service);
    assert.notEqual(open, port);
    const { session, stream } = called(t, open);
    stream.write("x");
    await late.until("write");
    stream.close(constants.NGHTTP2_CANCEL);
    await late.until("cancel");
    late.reply.headers({ status: 200, headers: [] });
    assert.equal(late.reply.write([Buffer.from("x")]), false);
    late.reply.end(OK);
    late.reply.ready();
    await pinged(session);
    assert.equal(late.heard.at(-1), "cancel");
  });
};

const echo: Http = (_request, reply) => ({
  write: (batch) => reply.write(batch),
  end: () => reply.end(OK),
  cancel() {},
  ready: () => reply.ready(),
});
