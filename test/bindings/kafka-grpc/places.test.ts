// For want of places only beginnings wait: what runs gets the rest of its request, and whoever leaves frees a place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK } from "../../../src/core/status.ts";
import { final, HW, message, numberOf, type Stage, staged } from "./stage.ts";

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
      await stage.until(() => stage.replies().length === 41, "those that waited");
      await stage.settle();
      stage.request({ id: "s2", method: "Stream" });
      stage.cancel("s1");
      await stage.until(() => stage.finals("s1").length === 1, "the second is begun, and answered");
      assert.deepEqual(stage.server.calls[0]!.messages.map(numberOf), [...Array(11).keys()]);
      assert.deepEqual(stage.server.calls[22]!.messages.map(numberOf), [99]);
    },
    { limits: { callsMax: 2 } },
  ),
);

test(
  "a call whose time passes while it waits for a place is answered DEADLINE_EXCEEDED and not begun",
  staged(
    async (stage) => {
      const deadlineMs = stage.clock.now() + 2_000;
      stage.request({ id: "long", value: HW });
      stage.unary("waits", [["sluice:deadline", String(deadlineMs)]]);
      await stage.settle();
      await stage.pass(3_000, 500);
      assert.equal(stage.replies().length, 0);
      stage.echo();
      stage.request({ id: "long" });
      await stage.until(() => stage.finals("waits").length === 1, "its answer");
      assert.deepEqual(stage.finals("waits"), [final(4, "deadline exceeded")]);
      assert.equal(stage.server.calls.length, 1);
    },
    { limits: { callsMax: 1 } },
  ),
);
