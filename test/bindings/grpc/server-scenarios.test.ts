// The scenarios of the original's specification, server side: a request, what the next binding sees of it and answers, and the response.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../../src/core/status.ts";
import { fail, OK } from "../../../src/core/status.ts";
import type { Message, Metadata } from "../../../src/ports/grpc.ts";
import type { HttpHeaders, HttpRequest, HttpResponse } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { answering, body, type Doing, Fake, HW, HW1, HW2, LARGE, STD_HEADERS, servedTo, std } from "./parts.ts";

const BOTH: Metadata = [
  ["custom", "value"],
  ["customProperty-bin".toLowerCase(), "dGVzdA=="],
];
const reply = (contentType = "application/grpc", metadata: HttpHeaders = []): HttpResponse => ({
  status: 200,
  headers: [["content-type", contentType], ["grpc-encoding", "identity"], ["grpc-accept-encoding", "identity,gzip,deflate"], ...metadata],
});
const trailers = (...headers: HttpHeaders): HttpResponse => ({ headers });
const only = (status: number, ...headers: HttpHeaders): HttpResponse => ({
  status,
  headers: [["content-type", "application/grpc"], ...headers],
});
const withHeader = (name: string, value: string): HttpHeaders => [...STD_HEADERS.filter(([other]) => other !== name), [name, value]];

interface Scenario {
  readonly request: HttpRequest;
  readonly body: readonly Uint8Array[];
  /** The request is left open. */
  readonly open?: true;
  readonly until?: number;
  readonly doing?: Doing;
  /** Undefined: no call. */
  readonly call?: {
    readonly method: string;
    readonly metadata: Metadata;
    readonly messages: readonly Message[];
    readonly halfClosed: boolean;
  };
  readonly response: {
    readonly headers?: HttpResponse;
    readonly body: readonly Uint8Array[];
    readonly trailers?: HttpResponse;
    readonly status?: Status;
  };
}

const TEST: Metadata = [["custom", "test"]];
const STATUS_0 = trailers(["grpc-status", "0"]);

const scenarios: Record<string, Scenario> = {
  "S1 unary message.exchange": {
    request: std("EchoUnary"),
    body: [body(HW)],
    doing: { halfClosed: answering([HW]) },
    call: { method: "EchoUnary", metadata: TEST, messages: [HW], halfClosed: true },
    response: { headers: reply(), body: [body(HW)], trailers: STATUS_0 },
  },
  "S2 binary.metadata": {
    request: std("EchoUnary", { headers: [...STD_HEADERS.slice(0, 2), ["custom-bin", "dGVzdA=="]] }),
    body: [body(HW)],
    doing: { halfClosed: answering([HW], { headers: BOTH }) },
    call: { method: "EchoUnary", metadata: [["custom-bin", "dGVzdA=="]], messages: [HW], halfClosed: true },
    response: { headers: reply("application/grpc", BOTH), body: [body(HW)], trailers: STATUS_0 },
  },
  "S3 grpc.web": {
    request: std("EchoUnary", { headers: withHeader("content-type", "application/grpc-web+proto") }),
    body: [body(HW)],
    doing: { halfClosed: answering([HW]) },
    call: { method: "EchoUnary", metadata: TEST, messages: [HW], halfClosed: true },
    response: { headers: reply("application/grpc-web+proto"), body: [body(HW), Buffer.from("\x80\0\0\0\x10grpc-status: 0\r\n", "latin1")] },
  },
  "S4 empty.message.exchange": {
    request: std("EchoUnary"),
    body: [Buffer.alloc(5)],
    doing: { halfClosed: answering([Buffer.alloc(0)]) },
    call: { method: "EchoUnary", metadata: TEST, messages: [Buffer.alloc(0)], halfClosed: true },
    response: { headers: reply(), body: [Buffer.alloc(5)], trailers: STATUS_0 },
  },
  "S6 server.send.read.abort.on.open.request": {
    request: std("EchoUnary"),
    body: [],
    open: true,
    doing: { refuses: fail("ABORTED", "") },
    call: { method: "EchoUnary", metadata: TEST, messages: [], halfClosed: false },
    response: { body: [], trailers: only(200, ["grpc-status", "10"]) },
  },
  "S7 message.exchange.100k": {
    request: std("EchoUnary"),
    body: Array.from({ length: 13 }, (_, index) => body(LARGE).subarray(index * 8192, (index + 1) * 8192)),
    doing: { halfClosed: answering([LARGE]) },
    call: { method: "EchoUnary", metadata: TEST, messages: [LARGE], halfClosed: true },
    response: { headers: reply(), body: [body(LARGE)], trailers: STATUS_0 },
  },
  "S8 client.stream": {
    request: std("EchoClientStream"),
    body: [body(HW1), body(HW2)],
    doing: { halfClosed: answering([HW], { headers: BOTH }) },
    call: { method: "EchoClientStream", metadata: TEST, messages: [HW1, HW2], halfClosed: true },
    response: { headers: reply("application/grpc", BOTH), body: [body(HW)], trailers: STATUS_0 },
  },
  "S9 server.stream": {
    request: std("EchoServerStream"),
    body: [body(HW)],
    doing: { halfClosed: answering([HW1, HW2], { headers: BOTH }) },
    call: { method: "EchoServerStream", metadata: TEST, messages: [HW], halfClosed: true },
    response: { headers: reply("application/grpc", BOTH), body: [body(HW1), body(HW2)], trailers: STATUS_0 },
  },
  "S10 bidirectional.stream": {
    request: std("EchoStream"),
    body: [body(HW1), body(HW2)],
    open: true,
    until: 2,
    doing: {
      received: {
        messages: 2,
        answer: (to) => {
          to.headers(BOTH);
          to.write([HW1]);
          to.write([HW2]);
        },
      },
    },
    call: { method: "EchoStream", metadata: TEST, messages: [HW1, HW2], halfClosed: false },
    response: { headers: reply("application/grpc", BOTH), body: [body(HW1), body(HW2)], status: { code: 1, message: "the caller left" } },
  },
  "S11 method.not.post": {
    request: std("EchoUnary", { method: "GET" }),
    body: [],
    response: { body: [], trailers: only(405, ["grpc-status", "13"], ["grpc-message", "found the HTTP method GET, but POST is needed"]) },
  },
  "S12 unrecognized.rpc": {
    request: std("Unrecognized", { headers: [["content-type", "application/grpc"]] }),
    body: [],
    response: {
      body: [],
      trailers: only(200, ["grpc-status", "12"], ["grpc-message", "the method 'example.EchoService/Unrecognized' is not known"]),
    },
  },
  "S13 unsupported.content.type": {
    request: std("EchoUnary", { headers: withHeader("content-type", "application/text") }),
    body: [],
    response: {
      body: [],
      trailers: only(415, ["grpc-status", "13"], ["grpc-message", 'the content-type "application/text" is not supported']),
    },
  },
  "S14 missing.te.trailers": {
    request: std("EchoUnary", { headers: STD_HEADERS.filter(([name]) => name !== "te") }),
    body: [],
    response: { body: [], trailers: only(200, ["grpc-status", "10"], ["grpc-message", "'te: trailers' is missing"]) },
  },
  "abort before any message": {
    request: std("EchoUnary"),
    body: [body(HW)],
    doing: { halfClosed: answering([], { status: { code: 10, message: "" } }) },
    call: { method: "EchoUnary", metadata: TEST, messages: [HW], halfClosed: true },
    response: { body: [], trailers: only(200, ["grpc-status", "10"]) },
  },
  "abort with a message, after the response has begun": {
    request: std("EchoUnary"),
    body: [body(HW)],
    doing: { halfClosed: answering([], { headers: [], status: { code: 9, message: "Custom Error Message" } }) },
    call: { method: "EchoUnary", metadata: TEST, messages: [HW], halfClosed: true },
    response: { headers: reply(), body: [], trailers: trailers(["grpc-status", "9"], ["grpc-message", "Custom Error Message"]) },
  },
};

for (const [name, { request, body: chunks, open, until, doing, call, response }] of Object.entries(scenarios))
  for (const slow of [false, true])
    test(`${name}${slow ? ", to a slow reader" : ""}`, async () => {
      const fake = new Fake(doing);
      const { http, wheel } = servedTo(fake.service);
      const answer = await ask(http, request, { requests: chunks, slow, ...(open ? { open } : {}), ...(until ? { until } : {}) });
      assert.deepEqual(answer.status, response.status ?? OK);
      assert.deepEqual(answer.headers, response.headers);
      assert.deepEqual(Buffer.concat(answer.replies), Buffer.concat(response.body));
      assert.deepEqual(answer.trailers, response.trailers);
      assert.equal(wheel.size, 0);
      if (!call) {
        assert.deepEqual(fake.seen, []);
        return;
      }
      const { call: made, messages, halfClosed } = fake.only;
      assert.deepEqual([made.scheme, made.authority, made.service], ["http", "localhost:8080", "example.EchoService"]);
      assert.deepEqual({ method: made.method, metadata: made.metadata, messages, halfClosed }, call);
    });

test("S5 response.timeout: at the deadline the client and the next binding are told in the same turn", async () => {
  const fake = new Fake();
  const { http, wheel, clock } = servedTo(fake.service);
  const answered = ask(http, std("EchoUnary", { headers: [...STD_HEADERS, ["grpc-timeout", "2S"]] }), { requests: [], open: true });
  assert.equal(fake.only.call.deadlineMs, clock.now() + 2000);
  clock.advance(1999);
  assert.equal(fake.cancelCode, undefined);
  clock.advance(20);
  assert.equal(fake.cancelCode, 4);
  assert.equal(wheel.size, 0);
  const { trailers: last, headers } = await answered;
  assert.equal(headers, undefined);
  assert.deepEqual(last, only(200, ["grpc-status", "4"], ["grpc-message", "deadline exceeded"]));
});
