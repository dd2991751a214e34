// The group's reader never waits for a call: a slow server costs an offset, and a slow Kafka stops the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK } from "../../../src/core/status.ts";
import { final, HW, HW1, message, numberOf, staged } from "./stage.ts";

test(
  "a slow server with thousands of messages to one call delays no other call, and gets them all in order",
  staged(async (stage) => {
    stage.echo();
    stage.server.onCall = (call) => {
      call.slow = call.call.method === "Slow";
    };
    for (let i = 0; i < 3_000; i++) {
      stage.request({ id: "slow", method: "Slow", value: message(i) });
      if (i % 100 === 0) stage.unary(`fast${i}`);
    }
    stage.request({ id: "slow", method: "Slow" });
    await stage.until(() => stage.replies().filter(({ value }) => value === null).length === 30, "all fast calls");
    const slow = stage.server.calls[0]!;
    assert.ok(slow.messages.length <= 4, `it was given ${slow.messages.length} messages that it did not ask for`);
    while (!slow.halfClosed) {
      const before = slow.messages.length;
      slow.reply.ready();
      await stage.until(() => slow.messages.length > before || slow.halfClosed, "the next messages");
      if (before < 100) await stage.settle();
      assert.ok(slow.messages.length - before <= 4, "it is given what it asked for");
      assert.ok(stage.fed - slow.messages.length <= 8, "and no more is read");
    }
    assert.equal(stage.kafka.readers, 0, "its reader has gone with the tombstone");
    assert.deepEqual(slow.messages.map(numberOf), [...Array(3_000).keys()]);
    await stage.until(() => stage.finals("slow").length === 1, "its answer");
    assert.equal(stage.count("feeds"), 1);
  }),
);

test(
  "a server that is ready again before anything came needs no reader of its own",
  staged(async (stage) => {
    stage.echo();
    stage.server.onCall = (call) => {
      call.slow = true;
    };
    stage.request({ id: "a", value: HW });
    await stage.settle();
    stage.server.only.reply.ready();
    await stage.settle();
    stage.request({ id: "a", value: HW1 });
    stage.request({ id: "a" });
    await stage.settle();
    stage.server.only.reply.ready();
    await stage.until(() => stage.finals("a").length === 1, "the answer");
    assert.deepEqual(stage.server.only.messages, [HW, HW1]);
    assert.equal(stage.count("feeds"), 0);
  }),
);

test(
  "ready from inside write wins over the false that it returns",
  staged(async (stage) => {
    stage.echo();
    stage.server.onCall = (call) => {
      call.slow = true;
    };
    stage.server.onMessages = ({ reply }) => reply.ready();
    for (let i = 0; i < 20; i++) stage.request({ id: "a", value: message(i) });
    stage.request({ id: "a" });
    await stage.until(() => stage.finals("a").length === 1, "the answer");
    assert.equal(stage.server.only.messages.length, 20);
  }),
);

test(
  "a cancel and a deadline reach a call that reads for itself",
  staged(async (stage) => {
    stage.server.onCall = (call) => {
      call.slow = true;
    };
    const deadline = ["sluice:deadline", String(stage.clock.now() + 1_000)] as const;
    for (let i = 0; i < 10; i++) stage.request({ id: "a", value: message(i) });
    for (let i = 0; i < 10; i++) stage.request({ id: "b", value: message(i), more: [deadline] });
    await stage.settle();
    for (const { reply } of stage.server.calls) reply.ready();
    await stage.until(() => stage.kafka.readers === 2, "readers of their own");
    stage.cancel("a");
    stage.request({ id: "a" });
    await stage.settle();
    assert.equal(stage.server.calls[0]!.cancelled?.code, 1);
    assert.equal(stage.kafka.readers, 1);
    await stage.pass(1_010);
    assert.equal(stage.server.calls[1]!.cancelled?.code, 4);
    assert.deepEqual(stage.finals("b"), [final(4, "deadline exceeded")]);
    stage.request({ id: "b", more: [deadline] });
  }),
);

test(
  "a reader of a call's own passes over another request with the same id",
  staged(async (stage) => {
    stage.server.onCall = (call) => {
      call.slow = true;
    };
    const more = [["sluice:deadline", String(stage.clock.now() + 60_000)]] as const;
    const other = [["sluice:deadline", String(stage.clock.now() + 90_000)]] as const;
    for (let i = 0; i < 8; i++) stage.request({ id: "a", value: message(i), more });
    stage.request({ id: "a", value: message(77), more: other });
    stage.request({ id: "a", more: other });
    stage.request({ id: "a", value: message(8), more });
    stage.request({ id: "a", more });
    await stage.settle();
    const [call] = stage.server.calls;
    while (!call!.halfClosed) {
      call!.reply.ready();
      await stage.settle(5);
    }
    assert.deepEqual(call!.messages.map(numberOf), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    call!.reply.end(OK);
    await stage.until(() => stage.committed === stage.end, "all done");
    assert.equal(stage.server.calls.length, 1);
  }),
);

test(
  "a request with more records than can be kept account of is ended, and its offsets are done",
  staged(
    async (stage) => {
      for (let i = 0; i < 10; i++) {
        stage.request({ id: "a", value: message(i) });
        stage.record({ id: "gap", headers: [], value: HW });
      }
      await stage.until(() => stage.finals("a").length === 1, "the error");
      assert.equal(stage.finals("a")[0]![0]![1], "8");
      assert.equal(stage.server.only.cancelled?.code, 8);
      stage.request({ id: "a" });
    },
    { limits: { offsetRangesMax: 4 } },
  ),
);

test(
  "replies that are not acknowledged stop the server, and acknowledgements ask it for more",
  staged(
    async (stage) => {
      stage.unary("a");
      await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the call");
      const { reply } = stage.server.only;
      stage.kafka.holdAcks();
      assert.equal(reply.write([new Uint8Array(600)]), true);
      assert.equal(reply.write([new Uint8Array(600)]), false);
      await stage.settle();
      assert.equal(stage.server.only.asked, 0);
      stage.kafka.releaseAcks();
      await stage.until(() => stage.server.only.asked === 1, "it is asked for more");
      assert.equal(reply.write([HW]), true);
      reply.end(OK);
      await stage.until(() => stage.finals("a").length === 1, "the answer");
      assert.equal(stage.replies().length, 4);
    },
    { limits: { replyBytesMax: 1_000 } },
  ),
);

test(
  "a server that does not stop is stopped",
  staged(
    async (stage) => {
      stage.unary("a");
      await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the call");
      stage.kafka.holdAcks();
      for (let i = 0; i < 12 && stage.server.only.cancelled === undefined; i++) stage.server.only.reply.write([new Uint8Array(600)]);
      assert.equal(stage.server.only.cancelled?.code, 8);
      stage.kafka.releaseAcks();
      await stage.until(() => stage.finals("a").length === 1, "the error");
      assert.equal(stage.finals("a")[0]![0]![1], "8");
    },
    { limits: { replyBytesMax: 1_000, replyBytesHardMax: 4_000 } },
  ),
);
