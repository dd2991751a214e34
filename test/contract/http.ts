// What every server's end of HTTP/2 owes a service of the http port, shown over a real connection to a foreign client (node:http2).
import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { type TestContext, test } from "node:test";
import { CANCELLED, Code, fail, OK, type Status } from "../../src/core/status.ts";
import type { Http, HttpReply, HttpRequest, HttpRequests } from "../../src/ports/http.ts";
import { FrameType, frame, headersFrame, rawClient, resetFrame } from "../kit/frames.ts";
import { strict } from "../kit/strict.ts";

/** A server under the contract. */
export interface HttpServerSubject {
  readonly name: string;
  /** Listens on loopback until the test is over; gives the port. */
  serve(t: TestContext, service: Http): Promise<number>;
}

/** A service that does nothing by itself and notes what it hears. */
export class Recorder {
  readonly heard: string[] = [];
  reply!: HttpReply;
  request!: HttpRequest;
  bytes = 0;
  /** What `write` returns. */
  welcome = true;
  cancelledWith: Status | undefined;
  readonly #waiting: { readonly what: string; readonly found: () => void }[] = [];

  readonly service: Http = (request, reply): HttpRequests => {
    this.request = request;
    this.reply = reply;
    this.#note("open");
    return {
      write: (batch) => {
        for (const chunk of batch) this.bytes += chunk.length;
        this.#note("write");
        return this.welcome;
      },
      end: () => this.#note("end"),
      cancel: (status) => {
        this.cancelledWith = status;
        this.#note("cancel");
      },
      ready: () => this.#note("ready"),
    };
  };

  /** Settles when it has been heard, also before. */
  until(what: string): Promise<void> {
    if (this.heard.includes(what)) return Promise.resolve();
    return new Promise((found) => this.#waiting.push({ what, found }));
  }

  #note(what: string): void {
    if (what !== "write" || this.heard.at(-1) !== "write") this.heard.push(what);
    for (const { found } of this.#waiting.filter((each) => each.what === what)) found();
  }
}

export interface Call {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
}

export const called = (t: TestContext, port: number, headers: Record<string, string> = {}): Call => {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/p?q=1", ...headers });
  stream.on("error", () => {});
  return { session, stream };
};

const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

export const httpServerContract = ({ name, serve }: HttpServerSubject): void => {
  const claim = (what: string, show: (t: TestContext, recorder: Recorder, port: number) => Promise<void>): void => {
    test(`${name}: ${what}`, { timeout: 20_000 }, async (t) => {
      const recorder = new Recorder();
      await show(t, recorder, await serve(t, strict(recorder.service)));
    });
  };

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

  claim("a reset by the caller is exactly one cancel, and never a half-close", async (t, recorder, port) => {
    const peer = await rawClient(t, port); // node:http2 ends the body before it resets.
    for (const pause of [true, false]) {
      const before = recorder.heard.length;
      const id = pause ? 1 : 3;
      peer.send(headersFrame(id), frame(FrameType.DATA, 0, id, Buffer.from("half a mess")));
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

export const bodyOf = async (stream: ClientHttp2Stream): Promise<string> => {
  let body = "";
  for await (const chunk of stream) body += chunk;
  return body;
};

/** Read to its end or its reset, whichever it is. */
export const closed = async (stream: ClientHttp2Stream): Promise<void> => {
  stream.resume();
  if (!stream.destroyed) await new Promise<void>((done) => stream.once("close", done));
};

export const pinged = async (session: ClientHttp2Session): Promise<void> => {
  if (session.connecting) await once(session, "connect");
  await new Promise<void>((done, failed) => session.ping((reason) => (reason === null ? done() : failed(reason))));
};
