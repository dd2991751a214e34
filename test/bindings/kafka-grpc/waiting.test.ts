// Where a partition is crowded only its beginnings wait: the others go on, and what runs there gets the rest of its request.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCELLED, OK } from "../../../src/core/status.ts";
import { GROUP, message, numberOf, type Stage, staged } from "./stage.ts";

const PLACE = { topic: "requests", partition: 0 };

test(
  "on a crowded partition nothing begins while a call runs there; what runs gets its request, and those that waited begin when it is open",
  staged(async (stage) => {
    stage.echo();
    stage.request({ id: "long", method: "Stream", value: message(0) });
    await stage.settle();
    stage.kafka.crowd(GROUP, PLACE, true);
    for (let i = 0; i < 10; i++) stage.unary(`waiting${i}`);
    stage.request({ id: "long", method: "Stream", value: message(1) });
    await stage.settle();
    assert.equal(stage.server.calls.length, 1);
    assert.deepEqual(stage.server.calls[0]!.messages.map(numberOf), [0, 1]);
    assert.deepEqual([stage.count("crowded"), stage.count("pauses"), stage.count("rests")], [1, 1, 0]);
    stage.kafka.crowd(GROUP, PLACE, false);
    await stage.until(() => stage.server.calls.length === 11, "those that waited");
    stage.request({ id: "long", method: "Stream" });
    await stage.until(() => stage.committed === stage.end, "all done");
    assert.equal(stage.server.calls.length, 11);
  }),
);

test(
  "on a crowded partition where nothing runs one call at a time begins, so that it can become open",
  staged(async (stage) => {
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
    await stage.settle();
    stage.kafka.crowd(GROUP, PLACE, true);
    for (let i = 0; i < 10; i++) stage.unary(`c${i}`);
    await stage.until(() => stage.committed === stage.end, "all done");
    assert.deepEqual([stage.server.calls.length, most.seen], [10, 1]);
  }),
);

/** A stream on each of two partitions, the first of which is crowded then. */
const crowdFirst = async (stage: Stage): Promise<void> => {
  stage.echo();
  for (const partition of [0, 1]) stage.request({ id: `long${partition}`, method: "Stream", value: message(0), partition });
  await stage.settle();
  stage.kafka.crowd(GROUP, PLACE, true);
  for (let i = 0; i < 10; i++) stage.unaryAt(0, `waiting${i}`);
  await stage.settle();
};

test(
  "while a partition is crowded the others begin calls, and it is not read on; what runs on it gets its request, up to the end",
  staged(
    async (stage) => {
      await crowdFirst(stage);
      const delivered = stage.delivered;
      for (let i = 0; i < 10; i++) stage.unaryAt(1, `other${i}`);
      await stage.until(() => stage.finals("other9").length === 1, "the calls of the other partition");
      assert.deepEqual([stage.count("pauses"), stage.count("rests")], [1, 0]);
      assert.equal(stage.delivered - delivered, 20, "nothing of the crowded partition");
      const [first, second] = stage.server.calls;
      for (const i of [1, 2]) {
        stage.request({ id: "long0", method: "Stream", value: message(i), partition: 0 });
        stage.request({ id: "long1", method: "Stream", value: message(i), partition: 1 });
      }
      await stage.settle();
      for (const call of [first!, second!]) assert.deepEqual(call.messages.map(numberOf), [0, 1, 2]);
      assert.equal(stage.count("feeds"), 1, "only the stream of the crowded partition reads for itself");
      stage.kafka.crowd(GROUP, PLACE, false);
      await stage.until(() => stage.finals("waiting9").length === 1, "those that waited");
      for (const partition of [0, 1]) stage.request({ id: `long${partition}`, method: "Stream", partition });
      await stage.until(() => stage.finals("long0").length + stage.finals("long1").length === 2, "the streams");
      assert.equal(stage.server.calls.length, 22);
    },
    { partitions: 2 },
  ),
);

test(
  "a cancel on a crowded partition is found beyond the place where its reader stopped",
  staged(
    async (stage) => {
      stage.echo();
      stage.server.onHalfClose = () => {}; // It is at work on it.
      stage.unaryAt(0, "left");
      await stage.settle();
      stage.kafka.crowd(GROUP, PLACE, true);
      for (let i = 0; i < 10; i++) stage.unaryAt(0, `waiting${i}`);
      stage.cancel("left");
      await stage.settle();
      const cancelled = (): number | undefined => stage.server.calls[0]!.cancelled?.code;
      assert.equal(cancelled(), undefined);
      stage.echo();
      await stage.pass(2_000, 500);
      assert.equal(cancelled(), CANCELLED.code);
      await stage.until(() => stage.finals("waiting9").length === 1, "one after the other");
    },
    { partitions: 2 },
  ),
);

test(
  "a crowded partition that is asked back and given again is read from where it was done, and not paused",
  staged(
    async (stage) => {
      await crowdFirst(stage);
      stage.kafka.revoke(GROUP, [PLACE]);
      stage.request({ id: "long0", method: "Stream", partition: 0 });
      await stage.until(() => stage.finals("long0").length === 1, "its running stream");
      assert.equal(stage.server.calls.length, 2, "nothing begins there");
      stage.kafka.assign(GROUP);
      await stage.until(() => stage.finals("waiting9").length === 1, "those that waited");
      stage.request({ id: "long1", method: "Stream", partition: 1 });
      await stage.until(() => stage.finals("long1").length === 1, "the other stream");
    },
    { partitions: 2 },
  ),
);

test(
  "those that wait on a crowded partition wait for a place when it is open, and all are begun in the end",
  staged(
    async (stage) => {
      await crowdFirst(stage);
      stage.kafka.crowd(GROUP, PLACE, false);
      await stage.settle();
      assert.deepEqual([stage.server.calls.length, stage.count("rests")], [2, 1], "both places are taken");
      for (let i = 0; i < 10; i++) stage.unaryAt(1, `other${i}`);
      for (const partition of [0, 1]) stage.request({ id: `long${partition}`, method: "Stream", partition });
      await stage.until(() => stage.replies().filter(({ value }) => value === null).length === 22, "all answers");
    },
    { partitions: 2, limits: { callsMax: 2 } },
  ),
);
