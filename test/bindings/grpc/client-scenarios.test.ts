// The scenarios of the original's specification, client side: a call, the request that it becomes, the response and what the caller gets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK } from "../../../src/core/status.ts";
import { VERSION } from "../../../src/core/version.ts";
import type { Message, Metadata } from "../../../src/ports/grpc.ts";
import type { HttpHeaders, HttpReply } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { body, HW, HW1, HW2, LARGE } from "./parts.ts";
import { callOf, clientOf, FakeServer, type Serves, TEST } from "./servers.ts";

const BOTH: Metadata = [
  ["custom", "value"],
  ["customproperty-bin", "dGVzdA=="],
];
const reply = (metadata: HttpHeaders = []) => ({
  status: 200,
  headers: [["content-type", "application/grpc"], ["grpc-encoding", "identity"], ...metadata] as HttpHeaders,
});
const trailers = (...headers: HttpHeaders) => ({ headers });
const ok =
  (...messages: readonly Message[]) =>
  (to: HttpReply): void => {
    to.headers(reply());
    for (const message of messages) to.write([body(message)]);
    to.end(OK, trailers(["grpc-status", "0"]));
  };
const okBoth =
  (...messages: readonly Message[]) =>
  (to: HttpReply): void => {
    to.headers(reply(BOTH));
    to.write([body(...messages)]);
    to.end(OK, trailers(["grpc-status", "0"]));
  };

interface Scenario {
  readonly method?: string;
  readonly metadata?: Metadata;
  readonly messages: readonly Message[];
  readonly open?: true;
  readonly until?: number;
  readonly serves: Serves;
  readonly gets: { readonly headers?: Metadata; readonly messages: readonly Message[]; readonly code: number; readonly message?: string };
}

const CUSTOM_ERROR: HttpHeaders = [
  ["grpc-status", "9"],
  ["grpc-message", "Custom Error Message"],
];

const scenarios: Record<string, Scenario> = {
  "C1 message.exchange": { messages: [HW], serves: { halfClosed: ok(HW) }, gets: { headers: [], messages: [HW], code: 0 } },
  "C2 empty.message.exchange": {
    messages: [Buffer.alloc(0)],
    serves: { halfClosed: ok(Buffer.alloc(0)) },
    gets: { headers: [], messages: [Buffer.alloc(0)], code: 0 },
  },
  "C3 binary.metadata": {
    metadata: [["custom-bin", "dGVzdA=="]],
    messages: [HW],
    serves: { halfClosed: okBoth(HW) },
    gets: { headers: BOTH, messages: [HW], code: 0 },
  },
  "C4 server.send.read.abort.on.open.request": {
    messages: [],
    open: true,
    serves: { opened: (to) => to.end(OK, { status: 200, headers: [["grpc-status", "10"]] }) },
    gets: { messages: [], code: 10 },
  },
  "C5 server.send.write.abort.on.open.request.response": {
    messages: [],
    open: true,
    serves: {
      opened: (to) => {
        to.headers(reply());
        to.end(OK, trailers(["grpc-status", "10"]));
      },
    },
    gets: { headers: [], messages: [], code: 10 },
  },
  "C6 server.send.write.abort.on.open.response": {
    messages: [HW],
    serves: {
      halfClosed: (to) => {
        to.headers(reply());
        to.end(OK, { headers: CUSTOM_ERROR });
      },
    },
    gets: { headers: [], messages: [], code: 9, message: "Custom Error Message" },
  },
  "C7 response.with.grpc.error": {
    messages: [HW],
    serves: { halfClosed: (to) => to.end(OK, reply(CUSTOM_ERROR)) },
    gets: { messages: [], code: 9, message: "Custom Error Message" },
  },
  "C7 response.with.grpc.error, its end apart": {
    messages: [HW],
    serves: {
      halfClosed: (to) => {
        to.headers(reply(CUSTOM_ERROR));
        setImmediate(() => to.end(OK));
      },
    },
    gets: { messages: [], code: 9, message: "Custom Error Message" },
  },
  "C8 response.missing.grpc.status": {
    messages: [HW],
    serves: {
      halfClosed: (to) => {
        to.headers(reply());
        to.write([body(HW)]);
        to.end(OK);
      },
    },
    gets: { headers: [], messages: [HW], code: 13, message: "the server's response ended without a grpc-status" },
  },
  "C9 message.exchange.100k": {
    messages: [LARGE],
    serves: {
      halfClosed: (to) => {
        to.headers(reply());
        for (let at = 0; at < LARGE.length + 5; at += 8192) to.write([body(LARGE).subarray(at, at + 8192)]);
        to.end(OK, trailers(["grpc-status", "0"]));
      },
    },
    gets: { headers: [], messages: [LARGE], code: 0 },
  },
  "C10 client stream": {
    method: "EchoClientStream",
    messages: [HW1, HW2],
    serves: { halfClosed: okBoth(HW) },
    gets: { headers: BOTH, messages: [HW], code: 0 },
  },
  "C11 server stream": {
    method: "EchoServerStream",
    messages: [HW],
    serves: { halfClosed: okBoth(HW1, HW2) },
    gets: { headers: BOTH, messages: [HW1, HW2], code: 0 },
  },
  "C12 bidi stream": {
    method: "EchoStream",
    messages: [HW1, HW2],
    open: true,
    until: 2,
    serves: {
      opened: (to) => {
        to.headers(reply(BOTH));
        to.write([body(HW1)]);
        to.write([body(HW2)]);
      },
    },
    gets: { headers: BOTH, messages: [HW1, HW2], code: 1, message: "the caller left" },
  },
  "a trailers-only response that is OK": {
    messages: [HW],
    serves: {
      halfClosed: (to) =>
        to.end(
          OK,
          reply([
            ["grpc-status", "0"],
            ["a", "b"],
          ]),
        ),
    },
    gets: { messages: [], code: 0 },
  },
};

for (const [name, { method = "EchoUnary", metadata = TEST, messages, open, until, serves, gets }] of Object.entries(scenarios))
  for (const slow of [false, true])
    test(`${name}${slow ? ", to a slow caller" : ""}`, async () => {
      const server = new FakeServer(serves);
      const { grpc, wheel } = clientOf(server.http);
      const answer = await ask(grpc, callOf(method, { metadata }), {
        requests: messages,
        slow,
        ...(open ? { open } : {}),
        ...(until ? { until } : {}),
      });
      assert.deepEqual(server.only.request, {
        method: "POST",
        scheme: "http",
        authority: "localhost:8080",
        path: `/example.EchoService/${method}`,
        headers: [
          ["content-type", "application/grpc"],
          ["te", "trailers"],
          ["grpc-accept-encoding", "identity,gzip,deflate"],
          ["user-agent", `grpc-node-sluice/${VERSION}`],
          ...metadata,
        ],
        peer: { address: "", port: 0, localAddress: "", localPort: 0 },
      });
      assert.deepEqual(server.body, body(...messages));
      assert.equal(server.only.halfClosed, !open);
      assert.deepEqual(answer.headers, gets.headers);
      assert.deepEqual(
        answer.replies.map((message) => Buffer.from(message)),
        gets.messages,
      );
      assert.deepEqual(answer.status, { code: gets.code, message: gets.message ?? "" });
      assert.equal(wheel.size, 0);
    });
