// A call that the server has surely not seen is made again, once, as gRPC asks of its clients.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AGAIN_BYTES_MAX } from "../../../src/bindings/grpc/client-call.ts";
import { Code, fail, OK, type Status } from "../../../src/core/status.ts";
import type { HttpReply } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { body, HW, HW1 } from "./parts.ts";
import { callOf, clientOf, FakeServer } from "./servers.ts";

const REFUSED: Status = { ...fail("UNAVAILABLE", "the peer reset the stream with REFUSED_STREAM").status, unprocessed: true };
const BROKEN: Status = fail("UNAVAILABLE", "the connection was lost").status;

const answer = (reply: HttpReply): void => {
  reply.headers({ status: 200, headers: [["content-type", "application/grpc"]] });
  reply.write([body(HW1)]);
  reply.end(OK, { headers: [["grpc-status", "0"]] });
};

/** Does one thing after the other, a request each. */
const serving = (...steps: readonly ((reply: HttpReply) => void)[]): FakeServer => {
  let at = 0;
  return new FakeServer({ halfClosed: (reply) => steps[Math.min(at++, steps.length - 1)]?.(reply) });
};
const refuse = (reply: HttpReply): void => reply.end(REFUSED);

test("the second attempt is the same request, and its answer is the call's", async () => {
  const server = serving(refuse, answer);
  const { grpc, wheel, clock } = clientOf(server.http);
  const got = await ask(grpc, callOf("EchoStream", { deadlineMs: clock.now() + 9000 }), { requests: [HW, HW1] });
  assert.equal(got.status.code, Code.OK);
  assert.deepEqual(got.replies, [HW1]);
  assert.equal(server.seen.length, 2);
  const [first, second] = server.seen.map(({ request, chunks, halfClosed }) => ({ request, body: Buffer.concat(chunks), halfClosed }));
  assert.deepEqual(second, first);
  assert.equal(wheel.size, 0);
});

test("there is no third attempt", async () => {
  const server = serving(refuse);
  const { status } = await ask(clientOf(server.http).grpc, callOf("EchoUnary"), { requests: [HW] });
  assert.deepEqual(status, REFUSED);
  assert.equal(server.seen.length, 2);
});

test("what may have been processed is not made again", async () => {
  const begun = (reply: HttpReply): void => {
    reply.headers({ status: 200, headers: [["content-type", "application/grpc"]] });
    reply.end(REFUSED);
  };
  for (const step of [begun, (reply: HttpReply): void => reply.end(BROKEN)]) {
    const server = serving(step);
    const { status } = await ask(clientOf(server.http).grpc, callOf("EchoUnary"), { requests: [HW] });
    assert.equal(status.code, Code.UNAVAILABLE);
    assert.equal(server.seen.length, 1);
  }
});

test("a request that is too large to be kept is not made again", async () => {
  const server = serving(refuse);
  const { status } = await ask(clientOf(server.http).grpc, callOf("EchoUnary"), { requests: [Buffer.alloc(AGAIN_BYTES_MAX)] });
  assert.deepEqual(status, REFUSED);
  assert.equal(server.seen.length, 1);
});

test("where no second attempt can be made, the first one's status counts", async () => {
  const server = serving(refuse);
  let asked = 0;
  const { grpc } = clientOf((request, reply) => {
    asked += 1;
    if (asked > 1) throw fail("RESOURCE_EXHAUSTED", "too many requests wait");
    return server.http(request, reply);
  });
  const { status } = await ask(grpc, callOf("EchoUnary"), { requests: [HW] });
  assert.deepEqual(status, REFUSED);
  assert.equal(asked, 2);
});

test("a caller that was told to wait by the first attempt goes on with the second", async () => {
  let attempts = 0;
  const server = new FakeServer({ opened: (reply) => (++attempts === 1 ? reply.end(REFUSED) : undefined), halfClosed: answer });
  const { grpc } = clientOf((request, reply) => {
    const requests = server.http(request, reply);
    return attempts > 0 ? requests : { ...requests, write: (batch) => requests.write(batch) && false };
  });
  const { status } = await ask(grpc, callOf("EchoStream"), { requests: [HW, HW1, HW] });
  assert.equal(status.code, Code.OK);
  assert.equal(Buffer.concat(server.seen[1]?.chunks ?? []).length, body(HW, HW1, HW).length);
});
