// The echo binding: what comes goes back, on each of its ports.
import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { server } from "../../../src/bindings/echo/server.ts";
import { OK } from "../../../src/core/status.ts";
import type { HttpRequest } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { testExits, testRuntime } from "../../kit/runtime.ts";

const NOBODY = { address: "", port: 0, localAddress: "", localPort: 0 };
const { grpc, http, connection } = server.bind({}, testExits({}), testRuntime()).ports;
const call = { service: "a.B", method: "C", scheme: "http", authority: "x", metadata: [], deadlineMs: Number.POSITIVE_INFINITY };
const request: HttpRequest = {
  method: "POST",
  scheme: "http",
  authority: "x",
  path: "/",
  headers: [
    ["content-type", "text/plain"],
    ["a", "b"],
  ],
  peer: NOBODY,
};
const MANY = Array.from({ length: 50 }, (_, index) => Buffer.from(`message ${index}`));

for (const slow of [false, true]) {
  test(`messages come back in order, and the end after the half-close${slow ? ", to a slow caller" : ""}`, async () => {
    assert.deepEqual(await ask(grpc!, call, { requests: MANY, slow }), {
      status: OK,
      headers: undefined,
      replies: MANY,
      trailers: undefined,
    });
  });
  test(`an HTTP body comes back as what it was${slow ? ", to a slow caller" : ""}`, async () => {
    const { status, headers, replies } = await ask(http!, request, { requests: MANY, slow });
    assert.deepEqual([status, headers, replies], [OK, { status: 200, headers: [["content-type", "text/plain"]] }, MANY]);
  });
}

test("a call without messages ends without any", async () => {
  assert.deepEqual((await ask(grpc!, call, { requests: [] })).replies, []);
});

test("an HTTP request without a body gets a response without one", async () => {
  const { headers, replies } = await ask(http!, request, { requests: [] });
  assert.deepEqual([headers?.status, replies], [200, []]);
});

test("a caller that leaves is not answered", async () => {
  const { status, replies } = await ask(grpc!, call, { requests: MANY, leave: 3 });
  assert.deepEqual([status.code, replies.length], [1, 3]);
});

test("a connection's bytes come back, and its end", async () => {
  const [ours, theirs] = duplexPair();
  connection!({ socket: ours, peer: NOBODY });
  theirs.write("one ");
  theirs.end("two");
  assert.equal((await buffer(theirs)).toString(), "one two");
});

test("a connection that breaks ends nothing else", async () => {
  const [ours] = duplexPair();
  connection!({ socket: ours, peer: NOBODY });
  const closed = new Promise((done) => ours.on("close", done));
  ours.destroy(new Error("broken"));
  await closed;
  assert.ok(ours.destroyed);
});
