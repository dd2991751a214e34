// The group's reader never waits for a call: a slow server costs an offset, and for want of places only beginnings wait.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK } from "../../../src/core/status.ts";
import { final, HW, HW1, type Stage, staged } from "./stage.ts";

const message = (i: number): Uint8Array => {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setUint32(0, i);
  return bytes;
};
const numberOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

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
      assert.ok(slow.messages.length - before <= 4, "it is given what it asked for");
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
  "more calls than places wait for one, in their order; none is lost",
  staged(
    async (stage) => {
      const most = { running: 0, seen: 0 };
      stage.server.onCall = () => {
        most.running += 1;
        most.seen = Math.max(most.seen, most.running);
      };
      stage.server.onHalfClose = ({ reply, messages }) => {
        setImmediate(() => {
          most.running -= 1;
          reply.write(messages);
          reply.end(OK);
        });
      };
      for (let i = 0; i < 200; i++) stage.unary(`c${i}`, [], message(i));
      await stage.until(() => stage.replies().length === 400, "all answers");
      assert.ok(most.seen <= 5, `${most.seen} at a time`);
      assert.deepEqual(
        stage.server.calls.map(({ messages }) => numberOf(messages[0]!)),
        [...Array(200).keys()],
      );
      assert.ok(stage.count("rests") > 0);
    },
    { limits: { callsMax: 5 } },
  ),
);

/** Two streams that hold both places, and calls behind them. */
const crowd = async (stage: Stage): Promise<void> => {
  stage.request({ id: "s1", method: "Stream", value: message(0) });
  stage.request({ id: "s2", method: "Stream", value: message(0) });
  await stage.settle();
  for (let i = 0; i < 20; i++) stage.unary(`waiting${i}`);
  for (let i = 1; i <= 10; i++) {
    stage.request({ id: "s1", method: "Stream", value: message(i) });
    stage.request({ id: "s2", method: "Stream", value: message(i) });
  }
  await stage.settle();
};

test(
  "while beginnings wait, running calls get what is still to come of their requests, up to the end",
  staged(
    async (stage) => {
      stage.echo();
      await crowd(stage);
      const [s1, s2] = stage.server.calls;
      assert.equal(stage.server.calls.length, 2);
      assert.ok(stage.delivered < 10, `the group's reader went on: ${stage.delivered}`);
      for (const stream of [s1!, s2!]) assert.deepEqual(stream.messages.map(numberOf), [...Array(11).keys()]);
      assert.equal(stage.count("feeds"), 2);
      stage.request({ id: "s1", method: "Stream" });
      await stage.until(() => stage.finals("s1").length === 1, "the first stream's answer");
      await stage.until(() => stage.replies().filter(({ value }) => value === null).length === 21, "those that waited");
      stage.request({ id: "s2", method: "Stream", value: message(11) });
      stage.request({ id: "s2", method: "Stream" });
      await stage.until(() => stage.finals("s2").length === 1, "the second stream's answer");
      assert.deepEqual(s2!.messages.map(numberOf), [...Array(12).keys()]);
      assert.equal(stage.server.calls.length, 22);
    },
    { limits: { callsMax: 2 } },
  ),
);

test(
  "a cancel beyond the place where the reader rests frees the place: of an open call at once, of a closed one after a while",
  staged(
    async (stage) => {
      stage.server.onHalfClose = ({ reply, call }) => {
        if (call.method === "EchoUnary") reply.end(OK);
      };
      stage.request({ id: "open", method: "Stream", value: HW });
      stage.request({ id: "closed", method: "Stream", value: HW });
      stage.request({ id: "closed", method: "Stream" });
      await stage.settle();
      for (let i = 0; i < 10; i++) stage.unary(`waiting${i}`);
      stage.cancel("closed");
      await stage.settle();
      assert.equal(stage.server.calls.length, 2);
      await stage.pass(1_010);
      await stage.until(() => stage.server.calls.length === 12, "those that waited");
      assert.equal(stage.server.calls[1]!.cancelled?.code, 1);
      stage.cancel("open");
      stage.request({ id: "open", method: "Stream" });
      await stage.until(() => stage.server.calls[0]!.cancelled?.code === 1, "the open call is cancelled");
      await stage.until(() => stage.committed === stage.end, "all done");
    },
    { limits: { callsMax: 2 } },
  ),
);

test(
  "an open call is cancelled at once although the reader rests; what it left on the way begins nothing",
  staged(
    async (stage) => {
      stage.echo();
      await crowd(stage);
      stage.cancel("s1");
      stage.request({ id: "s1", method: "Stream" });
      await stage.until(() => stage.server.calls[0]!.cancelled?.code === 1, "the cancel");
      stage.cancel("s2");
      stage.request({ id: "s2", method: "Stream" });
      await stage.until(() => stage.committed === stage.end, "all done");
      assert.equal(stage.server.calls.length, 22);
      assert.equal(stage.replies().length, 40);
      assert.equal(stage.count("stray"), 2, "their tombstones; the rest was done with the cancels");
    },
    { limits: { callsMax: 2 } },
  ),
);

test(
  "a call that begins while others still wait gets the rest of its request as well",
  staged(
    async (stage) => {
      stage.echo();
      await crowd(stage);
      stage.request({ id: "s3", method: "Stream", value: message(0) });
      stage.request({ id: "s4", method: "Stream", value: message(0) });
      stage.request({ id: "s5", method: "Stream", value: message(0) });
      stage.request({ id: "s3", method: "Stream", value: message(1) });
      stage.request({ id: "s1", method: "Stream" });
      await stage.until(() => stage.server.calls.length === 23, "the third stream");
      await stage.until(() => stage.server.calls[22]!.messages.length === 2, "its second message");
      for (const id of ["s2", "s3", "s4", "s5"]) stage.request({ id, method: "Stream" });
      await stage.until(() => stage.committed === stage.end, "all done");
    },
    { limits: { callsMax: 2 } },
  ),
);

test(
  "the id of a call that has read ahead to its end may come again before the group's reader is there",
  staged(
    async (stage) => {
      await crowd(stage);
      stage.request({ id: "s1", method: "Stream" });
      stage.request({ id: "s1", method: "Stream", value: message(99) });
      stage.request({ id: "s1", method: "Stream" });
      await stage.until(() => stage.server.calls[0]!.halfClosed, "the end of the first");
      await stage.settle();
      stage.echo();
      stage.server.calls[1]!.reply.end(OK);
      await stage.until(() => stage.server.calls.length === 22, "those that waited");
      stage.server.calls[0]!.reply.end(OK);
      stage.request({ id: "s2", method: "Stream" });
      await stage.until(() => stage.committed === stage.end, "all done");
      assert.deepEqual(stage.finals("s1"), [final(0)], "it shares the answer");
      assert.deepEqual(stage.server.calls[0]!.messages.map(numberOf), [...Array(11).keys()]);
    },
    { limits: { callsMax: 2 } },
  ),
);

test(
  "a reader of a call's own passes over another request with the same id",
  staged(async (stage) => {
    stage.server.onCall = (call) => {
      call.slow = true;
    };
    const more = [["sluice:deadline", String(stage.clock.now() + 60_000)]] as const;
    const other = [["sluice:deadline", String(stage.clock.now() + 90_000)]] as const;
    stage.request({ id: "a", value: message(0), more });
    stage.request({ id: "a", value: message(1), more });
    stage.request({ id: "a", value: message(77), more: other });
    stage.request({ id: "a", more: other });
    stage.request({ id: "a", value: message(2), more });
    stage.request({ id: "a", more });
    await stage.settle();
    const [call] = stage.server.calls;
    while (!call!.halfClosed) {
      call!.reply.ready();
      await stage.settle(5);
    }
    assert.deepEqual(call!.messages.map(numberOf), [0, 1, 2]);
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
