// What every client's end of HTTP/2 owes the caller of an http service, shown over a real connection to foreign servers (node:http2, and
// frames made by hand).
import assert from "node:assert/strict";
import { once } from "node:events";
import { constants, createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createListener, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { CANCELLED, Code, fail, type Status } from "../../src/core/status.ts";
import type { Http, HttpReply, HttpRequest, HttpRequests, HttpResponse } from "../../src/ports/http.ts";
import { ACK, END_HEADERS, END_STREAM, FrameType, frame, headerBlock, RawPeer, resetFrame, settingsFrame, uint32 } from "../kit/frames.ts";
import { strict } from "../kit/strict.ts";

/** A client under the contract. */
export interface HttpClientSubject {
  readonly name: string;
  /** A service whose requests go to the port on loopback; closed when the test is over. */
  client(t: TestContext, port: number): Promise<Http>;
}

/** A caller that notes what it is told. */
export class Caller implements HttpReply {
  readonly heard: string[] = [];
  head: HttpResponse | undefined;
  body = Buffer.alloc(0);
  bytes = 0;
  keep = true;
  status: Status | undefined;
  last: HttpResponse | undefined;
  /** What `write` returns. */
  welcome = true;
  #notify = (): void => {};

  headers(meta: HttpResponse): void {
    this.head = meta;
    this.#note("headers");
  }
  write(batch: readonly Uint8Array[]): boolean {
    for (const chunk of batch) {
      if (this.keep) this.body = Buffer.concat([this.body, chunk]);
      this.bytes += chunk.length;
    }
    this.#note("write");
    return this.welcome;
  }
  end(status: Status, trailers?: HttpResponse): void {
    this.status = status;
    this.last = trailers;
    this.#note("end");
  }
  ready(): void {
    this.#note("ready");
  }
  async until(what: string): Promise<void> {
    while (!this.heard.includes(what))
      await new Promise<void>((done) => {
        this.#notify = done;
      });
  }
  #note(what: string): void {
    if (what !== "write" || this.heard.at(-1) !== "write") this.heard.push(what);
    this.#notify();
  }
}

export const REQUEST: HttpRequest = {
  method: "POST",
  scheme: "http",
  authority: "",
  path: "/p?q",
  headers: [],
  peer: { address: "", port: 0, localAddress: "", localPort: 0 },
};

export const callTo = (
  service: Http,
  port: number,
  request: Partial<HttpRequest> = {},
): { readonly caller: Caller; readonly requests: HttpRequests } => {
  const caller = new Caller();
  return { caller, requests: strict(service)({ ...REQUEST, authority: `127.0.0.1:${port}`, ...request }, caller) };
};

const listeningOn = async (t: TestContext, server: Server | Http2Server): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port; // Listening on tcp.
};

/** A foreign server; its sessions end with the test. */
export const foreign = (
  t: TestContext,
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: string[]) => void,
  settings = {},
): Promise<number> => {
  const server = createServer({ settings });
  server.on("stream", (stream, headers, _flags, raw: string[]) => {
    stream.on("error", () => {});
    answer(stream, headers, raw);
  });
  server.on("session", (session) => {
    session.on("error", () => {});
    t.after(() => session.destroy());
  });
  return listeningOn(t, server);
};

/** A server that does as it is told, frame by frame; `peer` is the first that connects. */
export const byHand = async (t: TestContext): Promise<{ readonly port: number; readonly peers: RawPeer[]; peer(): Promise<RawPeer> }> => {
  const peers: RawPeer[] = [];
  const server = createListener((socket) => {
    t.after(() => socket.destroy());
    const peer = new RawPeer(socket, 24); // After the preface.
    peers.push(peer);
    peer.send(settingsFrame());
    peer.until(({ type, flags }) => type === FrameType.SETTINGS && flags === 0).then(() => peer.send(settingsFrame([], ACK)));
    server.emit("peer");
  });
  return {
    port: await listeningOn(t, server),
    peers,
    peer: async () => {
      if (peers.length === 0) await once(server, "peer");
      return peers[0]!;
    },
  };
};

export const responseFrame = (stream: number, flags = 0, fields: readonly (readonly [string, string])[] = [[":status", "200"]]): Buffer =>
  frame(FrameType.HEADERS, flags | END_HEADERS, stream, headerBlock(fields));

export const goawayFrame = (lastStream: number, code: number): Buffer =>
  frame(FrameType.GOAWAY, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)]));

const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

export const httpClientContract = ({ name, client }: HttpClientSubject): void => {
  const claim = (what: string, show: (t: TestContext) => Promise<void>): void => {
    test(`${name}: ${what}`, { timeout: 20_000 }, show);
  };

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
        ["b", "2"],
        ["a", "1"],
        ["b", "3"],
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
      "b",
      "2",
      "a",
      "1",
      "b",
      "3",
    ]);
    assert.equal(body, "hello");
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
    peer.send(responseFrame(1), frame(FrameType.DATA, 0, 1, Buffer.from("half")), resetFrame(1, constants.NGHTTP2_INTERNAL_ERROR));
    await caller.until("end");
    assert.equal(caller.status?.code, Code.INTERNAL);
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
