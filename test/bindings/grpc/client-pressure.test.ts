// A call to a server under pressure: slow callers, slow servers, and that nothing is lost between them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK, type Status } from "../../../src/core/status.ts";
import type { HttpHeaders, HttpReply, HttpResponse } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { body, HW, HW1, HW2 } from "./parts.ts";
import { callOf, clientOf, FakeServer } from "./servers.ts";

const reply = (...headers: HttpHeaders): HttpResponse => ({ status: 200, headers: [["content-type", "application/grpc"], ...headers] });
const OK_TRAILERS: HttpResponse = { headers: [["grpc-status", "0"]] };
const unary = (serve: (to: HttpReply) => void) => {
  const server = new FakeServer({ halfClosed: serve });
  return { server, client: clientOf(server.http) };
};

test("a slow caller gets thousands of messages of one chunk batch by batch, then the end", async () => {
  const messages = Array.from({ length: 10_000 }, (_, index) => Buffer.from(String(index)));
  const { server, client } = unary((to) => {
    to.headers(reply());
    to.write([body(...messages)]);
    to.end(OK, OK_TRAILERS);
  });
  const { status, replies } = await ask(client.grpc, callOf("EchoUnary"), { requests: [HW], slow: true });
  assert.deepEqual(status, OK);
  assert.deepEqual(
    replies.map((message) => Buffer.from(message).toString()),
    messages.map((message) => message.toString()),
  );
  assert.ok(server.only.halfClosed);
});

test("the server is asked for more only when the caller is ready", async () => {
  const server = new FakeServer({
    halfClosed: (to) => {
      to.headers(reply());
      assert.equal(to.write([body(HW)]), false);
      setImmediate(() => to.end(OK, OK_TRAILERS));
    },
  });
  const { replies } = await ask(clientOf(server.http).grpc, callOf("EchoUnary"), { requests: [HW], slow: true });
  assert.equal(replies.length, 1);
  assert.equal(server.only.readied, 1);
});

test("a server that takes one batch at a time gets everything", async () => {
  const requests = Array.from({ length: 50 }, (_, index) => Buffer.from(String(index)));
  const server = new FakeServer({ slow: true, halfClosed: (to) => to.end(OK, reply(["grpc-status", "0"])) });
  const { status } = await ask(clientOf(server.http).grpc, callOf("EchoClientStream"), { requests });
  assert.deepEqual(status, OK);
  assert.deepEqual(server.body, body(...requests));
});

test("a caller that is ready from inside a write is not held up", async () => {
  const server = new FakeServer({
    opened: (to) => {
      to.headers(reply());
      assert.equal(to.write([body(HW1)]), true);
      assert.equal(to.write([body(HW2)]), true);
      to.end(OK, OK_TRAILERS);
    },
  });
  const replies: Buffer[] = [];
  const status = await new Promise<Status>((ended) => {
    const requests = clientOf(server.http).grpc(callOf("EchoServerStream"), {
      headers() {},
      write(batch) {
        replies.push(...batch.map((message) => Buffer.from(message)));
        requests.ready();
        return false;
      },
      end: ended,
      ready() {},
    });
  });
  assert.deepEqual([status, replies], [OK, [HW1, HW2]]);
});
