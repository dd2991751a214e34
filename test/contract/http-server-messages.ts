// Requests and responses as they are meant to be, and the ways in which they end.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { CANCELLED, Code, fail, OK } from "../../src/core/status.ts";
import { bodyOf, called, closed, pinged, turn } from "../kit/http-recorder.ts";
import type { HttpServerSubject, ServerClaim } from "./http-subjects.ts";

export const messages = (claim: ServerClaim, serve: HttpServerSubject["serve"]): void => {
  claim("a request comes with its pseudo headers, its headers in order and doubles kept", async (t, recorder, port) => {
    const session = connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    const raw = [":method", "PUT", ":scheme", "http", ":authority", "a.example:81", ":path", "/x?y", "b", "2", "a", "1", "b", "3"];
    const stream = session.request(raw, { endStream: true });
    stream.on("error", () => {});
    await recorder.until("end");
    const { method, scheme, authority, path, headers } = recorder.request;
    assert.deepEqual({ method, scheme, authority, path }, { method: "PUT", scheme: "http", authority: "a.example:81", path: "/x?y" });
    assert.deepEqual(headers, [
      ["b", "2"],
      ["a", "1"],
      ["b", "3"],
    ]);
    assert.equal(recorder.request.peer.address, "127.0.0.1");
    assert.deepEqual(recorder.heard, ["open", "end"]);
  });

  claim("headers, body and trailers reach the caller; doubles are kept", async (t, recorder, port) => {
    const { stream } = called(t, port);
    stream.end("hello");
    await recorder.until("end");
    recorder.reply.headers({
      status: 201,
      headers: [
        ["x", "1"],
        ["y", "2"],
      ],
    });
    recorder.reply.write([Buffer.from("wor"), Buffer.from("ld")]);
    recorder.reply.end(OK, {
      headers: [
        ["t", "1"],
        ["t", "2"],
        ["u-bin", "AAE"],
      ],
    });
    const [[headers], [trailers], body] = await Promise.all([once(stream, "response"), once(stream, "trailers"), bodyOf(stream)]);
    assert.equal(headers[":status"], 201);
    assert.deepEqual([headers["x"], headers["y"]], ["1", "2"]);
    assert.equal(body, "world");
    assert.deepEqual([trailers["t"], trailers["u-bin"]], ["1, 2", "AAE"]);
    assert.equal(recorder.bytes, 5);
  });

  claim("a response that is headers only is one HEADERS frame that ends the stream", async (t, recorder, port) => {
    const { stream } = called(t, port);
    stream.end();
    await recorder.until("end");
    recorder.reply.end(OK, { status: 200, headers: [["grpc-status", "5"]] });
    const [headers, flags] = await once(stream, "response");
    assert.equal(headers["grpc-status"], "5");
    assert.notEqual(flags & constants.NGHTTP2_FLAG_END_STREAM, 0);
    await closed(stream);
    assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR);
  });

  claim(
    "an end before the half-close delivers all, then resets with NO_ERROR; the service hears nothing more",
    async (t, recorder, port) => {
      for (const trailers of [{ headers: [["t", "1"] as const] }, undefined]) {
        const { stream } = called(t, port);
        const before = recorder.heard.length;
        stream.write("some");
        while (!recorder.heard.slice(before).includes("write")) await turn();
        recorder.reply.write([Buffer.from("answer")]);
        recorder.reply.end(OK, trailers);
        const closed = once(stream, "close");
        assert.equal(await bodyOf(stream), "answer");
        await closed;
        assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR);
        assert.deepEqual(recorder.heard.slice(before), ["open", "write"]);
      }
    },
  );

  claim("headers only before the half-close also end the stream with NO_ERROR", async (t, recorder, port) => {
    const { stream } = called(t, port);
    stream.write("some");
    await recorder.until("write");
    recorder.reply.end(OK, { status: 404, headers: [] });
    await closed(stream);
    assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR);
    assert.deepEqual(recorder.heard, ["open", "write"]);
  });

  claim("a service that throws is answered and ends its own stream only", async (t, _, port) => {
    const throwing = await serve(t, ({ path }) => {
      if (path === "/no") throw fail("UNAVAILABLE", "not now");
      return {
        write: () => {
          throw new Error("a bug");
        },
        end() {},
        cancel() {},
        ready() {},
      };
    });
    assert.notEqual(throwing, port);
    const { session, stream } = called(t, throwing, { ":path": "/no" });
    const other = session.request({ ":method": "POST", ":path": "/yes" });
    other.on("error", () => {});
    const [refused] = await once(stream, "response");
    assert.ok(refused[":status"] >= 500, `${refused[":status"]}`);
    other.write("x");
    const [failed] = await once(other, "response");
    assert.ok(failed[":status"] >= 500, `${failed[":status"]}`);
    await pinged(session);
    assert.equal(session.destroyed, false);
  });

  claim("a status resets a stream whose response has begun, with the code that stands for it", async (t, recorder, port) => {
    for (const [status, code] of [
      [fail("INTERNAL", "x").status, constants.NGHTTP2_INTERNAL_ERROR],
      [fail("RESOURCE_EXHAUSTED", "x").status, constants.NGHTTP2_ENHANCE_YOUR_CALM],
      [CANCELLED, constants.NGHTTP2_CANCEL],
      [{ code: Code.UNAVAILABLE, message: "x", unprocessed: true }, constants.NGHTTP2_REFUSED_STREAM],
    ] as const) {
      const { stream } = called(t, port);
      const before = recorder.heard.length;
      stream.write("x");
      while (!recorder.heard.slice(before).includes("write")) await turn();
      recorder.reply.headers({ status: 200, headers: [] });
      await once(stream, "response");
      recorder.reply.end(status);
      await closed(stream);
      assert.equal(stream.rstCode, code);
      assert.deepEqual(recorder.heard.slice(before), ["open", "write"]);
    }
  });

  claim("headers that HTTP/2 cannot carry end that stream with INTERNAL_ERROR and cancel the service", async (t, recorder, port) => {
    const { session, stream } = called(t, port);
    stream.end();
    await recorder.until("end");
    recorder.reply.headers({ status: 200, headers: [["bad name", "x"]] });
    await closed(stream);
    assert.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
    await recorder.until("cancel");
    assert.deepEqual(recorder.heard, ["open", "end", "cancel"]);
    await pinged(session);
  });
};
