// A call at the server beyond the scenarios: bad bodies, services that fail, slow and leaving callers, deadlines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { echoGrpc } from "../../../src/bindings/echo/server.ts";
import { Code, fail, OK } from "../../../src/core/status.ts";
import type { Grpc } from "../../../src/ports/grpc.ts";
import type { HttpHeaders } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { strict } from "../../kit/strict.ts";
import { answering, body, Fake, HW, HW1, HW2, LARGE, type Serving, STD_HEADERS, servedTo, std } from "./parts.ts";

/** The echo service, held to its contract. */
const echo: Grpc = strict(echoGrpc);
const added = (...headers: HttpHeaders): HttpHeaders => [...STD_HEADERS, ...headers];
interface Failing {
  readonly method?: string;
  readonly headers?: HttpHeaders;
  readonly body: readonly Uint8Array[];
  readonly serving?: Serving;
  readonly code: keyof typeof Code;
  readonly message: RegExp;
}

const flagged = (message: Uint8Array): Buffer => {
  const whole = body(message);
  whole[0] = 1;
  return whole;
};

const badBodies: Record<string, Failing> = {
  "a body that ends inside a message": {
    body: [body(HW).subarray(0, 10)],
    code: "INTERNAL",
    message: /ends inside a message, after 5 of 13 bytes/,
  },
  "a body that ends inside a prefix": { body: [Buffer.alloc(3)], code: "INTERNAL", message: /ends inside a message/ },
  "a message over the limit": {
    body: [body(LARGE)],
    serving: { limits: { messageBytes: 100_000 } },
    code: "RESOURCE_EXHAUSTED",
    message: /102404 bytes, more than the limit of 100000/,
  },
  "a compressed message without an encoding": { body: [flagged(gzipSync(HW))], code: "INTERNAL", message: /marked as compressed/ },
  "a compressed message that is none": {
    headers: added(["grpc-encoding", "gzip"]),
    body: [flagged(HW)],
    code: "INTERNAL",
    message: /not valid gzip/,
  },
  "a compressed message that becomes too long": {
    headers: added(["grpc-encoding", "gzip"]),
    body: [flagged(gzipSync(LARGE))],
    serving: { limits: { decompressedMessageBytes: 100_000 } },
    code: "RESOURCE_EXHAUSTED",
    message: /more bytes than the limit of 100000/,
  },
  "an unknown flag": { body: [Buffer.from([0x80, 0, 0, 0, 0])], code: "INTERNAL", message: /the flag 128/ },
  "two messages for a method that takes one": {
    body: [body(HW, HW)],
    code: "UNIMPLEMENTED",
    message: /one request message, but more came/,
  },
  "two messages in two chunks for a method that takes one": {
    body: [body(HW), body(HW)],
    code: "UNIMPLEMENTED",
    message: /one request message, but more came/,
  },
  "no message for a method that takes one": { body: [], code: "UNIMPLEMENTED", message: /one request message, but none came/ },
};
for (const [claim, { method = "EchoUnary", headers = STD_HEADERS, body: chunks, serving, code, message }] of Object.entries(badBodies))
  test(`a call is ended and its service cancelled: ${claim}`, async () => {
    const fake = new Fake();
    const { http, wheel } = servedTo(fake.service, serving);
    const answer = await ask(http, std(method, { headers: [...headers, ["grpc-timeout", "5S"]] }), { requests: chunks });
    const sent = new Map(answer.trailers?.headers);
    assert.equal(sent.get("grpc-status"), String(Code[code]));
    assert.match(sent.get("grpc-message") ?? "", message);
    assert.equal(fake.cancelCode, Code[code]);
    assert.equal(fake.only.halfClosed, false);
    assert.equal(wheel.size, 0);
  });

test("a stream without messages reaches the service and ends", async () => {
  const fake = new Fake({ halfClosed: answering([HW]) });
  const { trailers } = await ask(servedTo(fake.service).http, std("EchoClientStream"), { requests: [] });
  assert.deepEqual(trailers?.headers, [["grpc-status", "0"]]);
  assert.deepEqual([fake.only.messages, fake.only.halfClosed], [[], true]);
});

test("compressed requests reach the service plain", async () => {
  const fake = new Fake({ halfClosed: answering([HW]) });
  const { http } = servedTo(fake.service);
  await ask(http, std("EchoStream", { headers: added(["grpc-encoding", "gzip"]) }), {
    requests: [flagged(gzipSync(HW1)), body(HW2), flagged(gzipSync(LARGE))],
  });
  assert.deepEqual(fake.only.messages, [HW1, HW2, LARGE]);
});

const SECRET = new Error("the database password is 1234");
const failing: Record<string, { readonly service: Grpc; readonly code: string; readonly message: string; readonly logged: number }> = {
  "throws a status when called": {
    service: () => {
      throw fail("UNAVAILABLE", "no broker: a, b");
    },
    code: "14",
    message: "no broker: a, b",
    logged: 0,
  },
  "throws something else when called": {
    service: () => {
      throw SECRET;
    },
    code: "13",
    message: "internal error",
    logged: 1,
  },
  "throws a status at a message": {
    service: () => ({
      write: () => {
        throw fail("RESOURCE_EXHAUSTED", "full");
      },
      end() {},
      cancel() {},
      ready() {},
    }),
    code: "8",
    message: "full",
    logged: 0,
  },
  "throws something else at a message": {
    service: () => ({
      write: () => {
        throw SECRET;
      },
      end() {},
      cancel() {},
      ready() {},
    }),
    code: "13",
    message: "internal error",
    logged: 1,
  },
  "throws at the half-close": {
    service: () => ({
      write: () => true,
      end() {
        throw SECRET;
      },
      cancel() {},
      ready() {},
    }),
    code: "13",
    message: "internal error",
    logged: 1,
  },
};
for (const [claim, { service, code, message, logged }] of Object.entries(failing))
  test(`a service that ${claim} ends its call, and no other words reach the caller`, async () => {
    const { http, lines, wheel } = servedTo(service);
    const { status, trailers } = await ask(http, std("EchoUnary", { headers: added(["grpc-timeout", "9S"]) }), { requests: [body(HW)] });
    assert.deepEqual(status, OK);
    assert.deepEqual(trailers, {
      status: 200,
      headers: [
        ["content-type", "application/grpc"],
        ["grpc-status", code],
        ["grpc-message", message],
      ],
    });
    assert.equal(lines.filter((line) => line.includes("a call failed")).length, logged);
    if (logged > 0) assert.match(lines.join(""), /binding=test:server method=example\.EchoService\/EchoUnary[\s\S]*database password/);
    assert.equal(wheel.size, 0);
  });

test("a refusal after the half-close is sent", async () => {
  const fake = new Fake({ halfClosed: (reply) => setImmediate(() => reply.end(fail("NOT_FOUND", "gone").status)) });
  const { trailers } = await ask(servedTo(fake.service).http, std("EchoUnary"), { requests: [body(HW)] });
  assert.deepEqual(trailers?.headers.slice(1), [
    ["grpc-status", "5"],
    ["grpc-message", "gone"],
  ]);
});

for (const slow of [false, true])
  test(`every message comes back in order${slow ? " to a slow reader" : ""}, wherever the body was cut`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        async (messages, size) => {
          const whole = body(...messages);
          const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
            whole.subarray(index * size, (index + 1) * size),
          );
          const { replies, trailers } = await ask(servedTo(echo).http, std("EchoStream"), { requests: chunks, slow });
          assert.deepEqual(Buffer.concat(replies), whole);
          assert.deepEqual(trailers?.headers, [["grpc-status", "0"]]);
        },
      ),
      { numRuns: 40 },
    );
  });

test("a service that takes one batch at a time gets everything, and is not given more before it is ready", async () => {
  const whole = body(...Array.from({ length: 1000 }, (_, index) => Buffer.from(String(index))));
  const seen: string[] = [];
  const slowService: Grpc = strict((_call, reply) => ({
    write(batch) {
      seen.push(...batch.map((message) => Buffer.from(message).toString()));
      setImmediate(() => reply.ready());
      return false;
    },
    end: () => reply.end(OK),
    cancel() {},
    ready() {},
  }));
  const chunks = [whole.subarray(0, 3000), whole.subarray(3000, 3001), whole.subarray(3001)];
  const { trailers } = await ask(servedTo(slowService).http, std("EchoStream"), { requests: chunks });
  assert.deepEqual(new Map(trailers?.headers).get("grpc-status"), "0");
  assert.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, index) => String(index)),
  );
});

for (const leave of [0, 1, 2])
  test(`a caller that leaves after ${leave} messages cancels the service, once, and leaves nothing behind`, async () => {
    const fake = new Fake();
    const { http, wheel } = servedTo(fake.service);
    const headers = added(["grpc-timeout", "9S"]);
    await ask(http, std("EchoStream", { headers }), { requests: [body(HW1), body(HW2), body(HW)], leave });
    assert.equal(fake.only.messages.length, leave);
    assert.equal(fake.cancelCode, Code.CANCELLED);
    assert.equal(wheel.size, 0);
  });

test("a deadline after the response has begun ends it with trailers, and what comes later is not heard", async () => {
  const fake = new Fake({
    opened: (reply) => {
      reply.headers([]);
      reply.write([HW]);
      setImmediate(() => {
        clock.advance(3000);
        reply.write([HW]);
        reply.end(OK);
      });
    },
  });
  const { http, clock } = servedTo(fake.service);
  const answer = await ask(http, std("EchoStream", { headers: added(["grpc-timeout", "2S"]) }), { requests: [], open: true });
  assert.deepEqual(Buffer.concat(answer.replies), body(HW));
  assert.deepEqual(answer.trailers?.headers, [
    ["grpc-status", "4"],
    ["grpc-message", "deadline exceeded"],
  ]);
  assert.equal(fake.cancelCode, Code.DEADLINE_EXCEEDED);
});

test("a service that has enough stops the body, and says when to go on", async () => {
  let more: () => void = () => {};
  const held: Grpc = (_call, reply) => {
    more = () => reply.ready();
    return { write: () => false, end: () => reply.end(OK), cancel() {}, ready() {} };
  };
  let readied = 0;
  const requests = servedTo(held).http(std("EchoStream"), { headers() {}, write: () => true, end() {}, ready: () => (readied += 1) });
  assert.equal(requests.write([body(HW)]), false);
  assert.equal(readied, 0);
  more();
  await new Promise(setImmediate);
  assert.equal(readied, 1);
});
