// A call through both of our sides: grpc-kafka, a Kafka in memory, kafka-grpc, a server. What one writes, the other must understand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { proxy as binding } from "../../src/bindings/grpc-kafka/proxy.ts";
import { CANCELLED, DEADLINE_EXCEEDED, fail, OK, type Status } from "../../src/core/status.ts";
import type { Call, Grpc, Message, Metadata } from "../../src/ports/grpc.ts";
import * as kit from "../bindings/grpc-kafka/proxy-kit.ts";
import type { ServedCall } from "../bindings/kafka-grpc/fake-server.ts";
import { Stage } from "../bindings/kafka-grpc/stage.ts";
import { ask } from "../kit/ask.ts";
import { testExits } from "../kit/runtime.ts";

const { HW, HW1, HW2 } = kit;
const EMPTY = new Uint8Array(0);

/** Both sides around one Kafka; the key of a call's records is its id, as the remote server's tests assume. */
const bothSides = (): { readonly stage: Stage; readonly grpc: Grpc } => {
  const stage = new Stage();
  const { key: _, ...keyless } = kit.PRODUCE;
  const config = kit.configOf([{ ...kit.produceRoute(), with: keyless }]);
  const { grpc } = binding.bind(config, testExits({ kafka0: { kafka: stage.kafka } }), stage.runtime).ports;
  assert.ok(grpc);
  return { stage, grpc };
};

const callOf = (stage: Stage, metadata: Metadata = [], changes: Partial<Call> = {}): Call =>
  kit.callOf("EchoUnary", metadata, { deadlineMs: stage.clock.now() + 20_000, ...changes });

const over = async (stage: Stage): Promise<void> => {
  await stage.over();
  assert.equal(stage.kafka.records("requests").length > 0, true);
};

interface Exchange {
  readonly requests: readonly Message[];
  readonly answer: (call: ServedCall) => void;
  readonly status: Status;
  readonly headers?: Metadata;
  readonly replies: readonly Message[];
  readonly trailers?: Metadata;
}

const answers =
  (status: Status, replies: readonly Message[] = [], trailers?: Metadata) =>
  ({ reply }: ServedCall): void => {
    if (replies.length > 0) reply.write(replies);
    reply.end(status, trailers);
  };
const NOT_FOUND = fail("NOT_FOUND", "50% of \u00fc\n").status;
const DETAILS: Metadata = [["grpc-status-details-bin", "CAU"]];

const EXCHANGES: Readonly<Record<string, Exchange>> = {
  "a unary call": { requests: [HW], answer: answers(OK, [HW1]), status: OK, headers: [], replies: [HW1] },
  "an empty message and an empty reply": { requests: [EMPTY], answer: answers(OK, [EMPTY]), status: OK, headers: [], replies: [EMPTY] },
  "no messages at all": { requests: [], answer: answers(OK, [HW]), status: OK, headers: [], replies: [HW] },
  "many messages": { requests: [HW, HW1, HW2], answer: answers(OK, [HW2, HW1]), status: OK, headers: [], replies: [HW2, HW1] },
  "an error that needs coding": { requests: [HW], answer: answers(NOT_FOUND), status: NOT_FOUND, replies: [] },
  "an error with details": { requests: [HW], answer: answers(NOT_FOUND, [], DETAILS), status: NOT_FOUND, replies: [], trailers: DETAILS },
  "an error after a message": { requests: [HW], answer: answers(NOT_FOUND, [HW1]), status: NOT_FOUND, headers: [], replies: [HW1] },
  "metadata and trailers": {
    requests: [HW],
    answer: ({ reply }) => {
      reply.headers([["a", "1"]]);
      reply.write([HW1]);
      reply.end(OK, [["b", "2"]]);
    },
    status: OK,
    headers: [["a", "1"]],
    replies: [HW1],
    trailers: [["b", "2"]],
  },
  "metadata and trailers without a message": {
    requests: [HW],
    answer: ({ reply }) => {
      reply.headers([
        ["a", "1"],
        ["c", "3"],
      ]);
      reply.end(NOT_FOUND, [["b", "2"]]);
    },
    status: NOT_FOUND,
    headers: [
      ["a", "1"],
      ["c", "3"],
    ],
    replies: [],
    trailers: [["b", "2"]],
  },
};

for (const [what, exchange] of Object.entries(EXCHANGES)) {
  for (const slow of [false, true]) {
    for (const responseStream of [false, true]) {
      test(`through both sides: ${what}, ${slow ? "slow" : "fast"}, ${responseStream ? "a stream" : "one reply"}`, async () => {
        const { stage, grpc } = bothSides();
        stage.server.onHalfClose = exchange.answer;
        const metadata: Metadata = [
          ["name", "a"],
          ["name", "b"],
          ["trace-bin", "dGVzdA"],
        ];
        const call = callOf(stage, metadata, { descriptor: { requestStream: true, responseStream } });
        const { requests, status, headers, replies, trailers } = exchange;
        const answered = await ask(grpc, call, { requests, slow });
        assert.deepEqual(answered, { status, headers, replies, trailers });
        const served = stage.server.only;
        assert.deepEqual(served.messages, requests);
        assert.deepEqual(
          [served.call.service, served.call.method, served.call.deadlineMs],
          ["example.EchoService", "EchoUnary", call.deadlineMs],
        );
        assert.deepEqual(served.call.metadata, [
          ["name", "a, b"],
          ["trace-bin", "dGVzdA"],
        ]);
        await over(stage);
      });
    }
  }
}

for (const [what, halfClosed] of [
  ["before its half-close", false],
  ["after its half-close", true],
] as const) {
  for (const status of [CANCELLED, DEADLINE_EXCEEDED]) {
    test(`a caller's end ends the server's call ${what}, and is not answered: ${status.message}`, async () => {
      const { stage, grpc } = bothSides();
      const call = new kit.Conducted(grpc, callOf(stage));
      call.to.write([HW]);
      if (halfClosed) call.to.end();
      await stage.until(() => stage.server.calls.length === 1 && stage.server.only.messages.length === 1, "the call reached the server");
      call.to.cancel(status);
      await stage.until(() => stage.server.only.cancelled !== undefined, "the cancel reached the server");
      await over(stage);
      assert.deepEqual(stage.replies(), []);
    });
  }
}

test("a call that is left before its first message spoils nothing for the next with its key", async () => {
  const { stage, grpc } = bothSides();
  stage.server.onHalfClose = answers(OK, [HW1]);
  const metadata: Metadata = [["idempotency-key", "K"]];
  const left = new kit.Conducted(grpc, callOf(stage, metadata));
  await stage.settle();
  left.to.cancel(CANCELLED);
  await stage.settle();
  assert.deepEqual(stage.replies(), []);
  const { status, replies } = await ask(grpc, callOf(stage, metadata), { requests: [HW] });
  assert.deepEqual([status, replies], [OK, [HW1]]);
  await over(stage);
});

test("an answer before the half-close ends the call on both sides", async () => {
  const { stage, grpc } = bothSides();
  stage.server.onMessages = answers(NOT_FOUND);
  const call = new kit.Conducted(grpc, callOf(stage));
  call.to.write([HW]);
  await stage.until(() => call.status !== undefined, "the answer");
  assert.deepEqual(call.status, NOT_FOUND);
  await over(stage);
  assert.equal(stage.server.calls.length, 1);
  assert.equal(stage.replies().length, 1);
});

test("a hundred calls at once get their own answers", async () => {
  const { stage, grpc } = bothSides();
  stage.echo();
  const nonces = Array.from({ length: 100 }, (_, i) => new Uint8Array([i]));
  const answered = await Promise.all(nonces.map((nonce, i) => ask(grpc, callOf(stage), { requests: [nonce], slow: i % 2 === 0 })));
  assert.deepEqual(
    answered.map(({ status, replies }) => [status, replies]),
    nonces.map((nonce) => [OK, [nonce]]),
  );
  await over(stage);
});
