// A call to a server beyond the scenarios: deadlines, leaving, responses that are no gRPC, connections that break, slow callers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { GrpcLimits } from "../../../src/bindings/grpc/config.ts";
import { CANCELLED, Code, fail, OK, type Status } from "../../../src/core/status.ts";
import type { Call, Metadata } from "../../../src/ports/grpc.ts";
import type { HttpHeaders, HttpReply, HttpResponse } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { body, HW, HW1, HW2, LARGE } from "./parts.ts";
import { callOf, clientOf, FakeServer, TEST } from "./servers.ts";

const reply = (...headers: HttpHeaders): HttpResponse => ({ status: 200, headers: [["content-type", "application/grpc"], ...headers] });
const trailers = (...headers: HttpHeaders): HttpResponse => ({ headers });
const OK_TRAILERS = trailers(["grpc-status", "0"]);
const unary = (serve: (to: HttpReply) => void, limits: Partial<GrpcLimits> = {}) => {
  const server = new FakeServer({ halfClosed: serve });
  const client = clientOf(server.http, limits);
  return { server, client, answer: (call: Partial<Call> = {}) => ask(client.grpc, callOf("EchoUnary", call), { requests: [HW] }) };
};

const sent = (headers: HttpHeaders | undefined, name: string): string | undefined => headers?.find(([other]) => other === name)?.[1];

test("the remaining time is sent, and ends the call here too", async () => {
  const server = new FakeServer();
  const { grpc, clock, wheel } = clientOf(server.http);
  const answered = ask(grpc, callOf("EchoUnary", { deadlineMs: clock.now() + 1500 }), { requests: [HW] });
  assert.equal(sent(server.only.request.headers, "grpc-timeout"), "1500m");
  clock.advance(1600);
  assert.equal(server.cancelCode, Code.CANCELLED);
  assert.deepEqual((await answered).status, { code: Code.DEADLINE_EXCEEDED, message: "deadline exceeded" });
  assert.equal(wheel.size, 0);
});

test("a server that ends the call with CANCEL once the deadline has passed has kept the deadline", async () => {
  for (const [passedMs, code] of [
    [1499, Code.CANCELLED],
    [1500, Code.DEADLINE_EXCEEDED],
  ] as const) {
    const opened = (reply: HttpReply): void => {
      clock.advance(passedMs);
      reply.end({ code: Code.CANCELLED, message: "the peer reset the stream with CANCEL" });
    };
    const { grpc, clock } = clientOf(new FakeServer({ opened }).http);
    const { status } = await ask(grpc, callOf("EchoUnary", { deadlineMs: clock.now() + 1500 }), { requests: [HW] });
    assert.equal(status.code, code);
  }
});

test("a call whose deadline has passed is not begun", async () => {
  const server = new FakeServer();
  const { grpc, clock } = clientOf(server.http);
  const { status } = await ask(grpc, callOf("EchoUnary", { deadlineMs: clock.now() }), { requests: [HW] });
  assert.equal(status.code, Code.DEADLINE_EXCEEDED);
  assert.equal(server.seen.length, 0);
});

for (const leave of [0, 1])
  test(`a caller that leaves after ${leave} messages cancels the request and leaves nothing behind`, async () => {
    const server = new FakeServer();
    const { grpc, wheel, clock } = clientOf(server.http);
    await ask(grpc, callOf("EchoStream", { deadlineMs: clock.now() + 9000 }), { requests: [HW, HW], leave });
    assert.equal(server.cancelCode, Code.CANCELLED);
    assert.equal(wheel.size, 0);
  });

const others: readonly (readonly [claim: string, call: Partial<Call>, code: keyof typeof Code])[] = [
  ["another service", { service: "example.Other" }, "UNIMPLEMENTED"],
  ["other metadata", { metadata: [["custom", "other"]] }, "UNIMPLEMENTED"],
  ["a name that would be more of a path", { service: "example.EchoService/x", method: "y?z" }, "UNIMPLEMENTED"],
  ["a name with a line break", { method: "a\r\nb" }, "UNIMPLEMENTED"],
];
for (const [claim, call, code] of others)
  test(`a call that no route takes is refused: ${claim}`, async () => {
    const server = new FakeServer();
    const { status } = await ask(clientOf(server.http).grpc, callOf("EchoUnary", call), { requests: [] });
    assert.equal(status.code, Code[code]);
    assert.equal(server.seen.length, 0);
  });

test("what the http binding refuses is passed on", async () => {
  const server = new FakeServer({ refuses: fail("UNAVAILABLE", "no connection") });
  const { grpc, wheel, clock } = clientOf(server.http);
  const { status } = await ask(grpc, callOf("EchoUnary", { deadlineMs: clock.now() + 1000 }), { requests: [] });
  assert.deepEqual(status, { code: Code.UNAVAILABLE, message: "no connection" });
  assert.equal(wheel.size, 0);
});

const answers: Record<string, { readonly serve: (to: HttpReply) => void; readonly status: Partial<Status>; readonly cancelled?: true }> = {
  "HTTP 503": {
    serve: (to) => to.headers({ status: 503, headers: [] }),
    status: { code: Code.UNAVAILABLE, message: "the server answered HTTP 503 without a grpc-status" },
    cancelled: true,
  },
  "HTTP 404 that is headers only": { serve: (to) => to.end(OK, { status: 404, headers: [] }), status: { code: Code.UNIMPLEMENTED } },
  "HTTP 405 with a gRPC status": {
    serve: (to) =>
      to.end(OK, {
        status: 405,
        headers: [
          ["grpc-status", "13"],
          ["grpc-message", "no%20POST"],
        ],
      }),
    status: { code: 13, message: "no POST" },
  },
  "a web page": {
    serve: (to) => to.headers({ status: 200, headers: [["content-type", "text/html"]] }),
    status: { code: Code.UNKNOWN, message: 'the server answered with the content-type "text/html", which is not gRPC\'s' },
    cancelled: true,
  },
  "no content type": {
    serve: (to) => {
      to.headers({ status: 200, headers: [] });
      to.end(OK, OK_TRAILERS);
    },
    status: OK,
  },
  "an unknown encoding": {
    serve: (to) => to.headers(reply(["grpc-encoding", "br"])),
    status: { code: Code.INTERNAL, message: 'the server\'s grpc-encoding "br" is not known' },
    cancelled: true,
  },
  "a broken connection": {
    serve: (to) => to.end({ code: Code.UNAVAILABLE, message: "the connection broke" }),
    status: { code: Code.UNAVAILABLE, message: "the connection broke" },
  },
  "a reset after the response has begun": {
    serve: (to) => {
      to.headers(reply());
      to.end({ code: Code.INTERNAL, message: "the server reset the stream" });
    },
    status: { code: Code.INTERNAL, message: "the server reset the stream" },
  },
  "a reset after a trailers-only answer": {
    serve: (to) => {
      to.headers(reply(["grpc-status", "5"]));
      to.end(CANCELLED);
    },
    status: { code: Code.NOT_FOUND },
  },
  "an end inside a message": {
    serve: (to) => {
      to.headers(reply());
      to.write([body(HW).subarray(0, 9)]);
      to.end(OK, OK_TRAILERS);
    },
    status: { code: Code.INTERNAL, message: "the body ends inside a message, after 4 of 13 bytes" },
  },
  "an error inside a message": {
    serve: (to) => {
      to.headers(reply());
      to.write([body(HW).subarray(0, 9)]);
      to.end(OK, trailers(["grpc-status", "8"]));
    },
    status: { code: Code.RESOURCE_EXHAUSTED },
  },
  "a bad flag": {
    serve: (to) => {
      to.headers(reply());
      to.write([Buffer.from([2, 0, 0, 0, 0])]);
    },
    status: { code: Code.INTERNAL },
    cancelled: true,
  },
  "headers with a grpc-status, and a body all the same": {
    serve: (to) => {
      to.headers(reply(["grpc-status", "9"]));
      to.write([body(HW)]);
      to.end(OK);
    },
    status: { code: Code.INTERNAL, message: "the server's response ended without a grpc-status" },
  },
  "headers of another content-type and nothing more": {
    serve: (to) => to.end(OK, { status: 200, headers: [["content-type", "text/plain"]] }),
    status: { code: Code.UNKNOWN },
  },
  "a body without headers": {
    serve: (to) => {
      to.write([body(HW)]);
      to.end(OK, OK_TRAILERS);
    },
    status: OK,
  },
};
for (const [claim, { serve, status, cancelled }] of Object.entries(answers))
  test(`an answer becomes a status: ${claim}`, async () => {
    const { server, client, answer } = unary(serve);
    const { status: got } = await answer({ deadlineMs: client.clock.now() + 9000 });
    assert.deepEqual({ ...got, ...status }, got);
    assert.equal(server.cancelCode, cancelled ? Code.CANCELLED : undefined);
    assert.equal(client.wheel.size, 0);
  });

test("a message over the limit ends the call", async () => {
  const { server, answer } = unary(
    (to) => {
      to.headers(reply());
      to.write([body(LARGE)]);
    },
    { messageBytes: 100_000 },
  );
  const { status } = await answer();
  assert.deepEqual(status, { code: Code.RESOURCE_EXHAUSTED, message: "a message has 102404 bytes, more than the limit of 100000" });
  assert.equal(server.cancelCode, Code.CANCELLED);
});

test("compressed replies reach the caller plain", async () => {
  const compressed = body(gzipSync(HW1));
  compressed[0] = 1;
  const { answer } = unary((to) => {
    to.headers(reply(["grpc-encoding", "gzip"]));
    to.write([compressed, body(HW2)]);
    to.end(OK, OK_TRAILERS);
  });
  assert.deepEqual(
    (await answer()).replies.map((message) => Buffer.from(message)),
    [HW1, HW2],
  );
});

test("initial metadata and trailers are told apart, and gRPC's own names are left out of both", async () => {
  const { answer } = unary((to) => {
    to.headers(reply(["date", "today"], ["grpc-encoding", "identity"], ["grpc-accept-encoding", "gzip"], ["a", "1"], ["a", "2"]));
    to.end(
      OK,
      trailers(
        ["grpc-status", "3"],
        ["grpc-message", "%E2%98%BA"],
        ["grpc-status-details-bin", "CAM"],
        ["b-bin", "AA"],
        ["content-type", "application/grpc"],
      ),
    );
  });
  const { status, headers, trailers: last } = await answer();
  assert.deepEqual(status, { code: 3, message: "☺" });
  assert.deepEqual(headers, [
    ["date", "today"],
    ["a", "1"],
    ["a", "2"],
  ]);
  assert.deepEqual(last, [
    ["grpc-status-details-bin", "CAM"],
    ["b-bin", "AA"],
  ]);
});

test("metadata that cannot be sent is made legal or left out", async () => {
  const { server, client, answer } = unary((to) => to.end(OK, reply(["grpc-status", "0"])));
  const metadata: Metadata = [
    ...TEST,
    ["Upper", "x"],
    ["zilla:x", "y"],
    ["te", "gzip"],
    ["grpc-timeout", "1S"],
    ["a", "x\ny"],
    ["b-bin", "AA==,BB"],
    ["user-agent", "z"],
  ];
  assert.deepEqual((await answer({ metadata })).status, OK);
  assert.deepEqual(server.only.request.headers.slice(4), [
    ["custom", "test"],
    ["upper", "x"],
    ["b-bin", "AA=="],
    ["b-bin", "BB"],
  ]);
  assert.deepEqual(client.dropped, ["zilla:x", "te", "grpc-timeout", "a", "user-agent"]);
});
