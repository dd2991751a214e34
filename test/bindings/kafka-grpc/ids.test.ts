// Calls with the same id, and what comes when nobody expects it any more: repetitions, cancels, tombstones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK } from "../../../src/core/status.ts";
import { final, HW, HW1, HW2, staged } from "./stage.ts";

const D1 = [["sluice:deadline", "1700000030000"]] as const;
const D2 = [["sluice:deadline", "1700000060000"]] as const;
const NONE = [["sluice:messages", "0"]] as const;

test(
  "an id that comes again after its call ended is a new call: after success and after an error",
  staged(async (stage) => {
    let runs = 0;
    stage.server.onHalfClose = ({ reply, messages }) => {
      runs += 1;
      if (runs === 2) reply.end({ code: 5, message: "not there" });
      else {
        reply.write(messages);
        reply.end(OK);
      }
    };
    for (let run = 1; run <= 3; run++) {
      stage.unary("k");
      await stage.until(() => stage.finals("k").length === run, `answer ${run}`);
      await stage.settle();
    }
    assert.deepEqual(stage.finals("k"), [final(0), final(5, "not there"), final(0)]);
    assert.equal(runs, 3);
  }),
);

test(
  "a second request with the id of a running call shares its answer",
  staged(async (stage) => {
    stage.unary("k", D1);
    await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the first");
    stage.unary("k", D2, HW1);
    stage.request({ id: "k", value: HW2 }); // And a third, which joins them.
    await stage.settle();
    assert.equal(stage.server.calls.length, 1);
    assert.equal(stage.committed, 0);
    stage.server.only.reply.write([HW]);
    stage.server.only.reply.end(OK);
    await stage.until(() => stage.committed === 5, "all are done");
    assert.deepEqual(stage.finals("k"), [final(0)]);
    assert.deepEqual(stage.server.only.messages, [HW]);
  }),
);

test(
  "a second request is begun when the first is cancelled, or its deadline passes: nobody waits for an answer that never comes",
  staged(async (stage) => {
    stage.unary("k", D1);
    stage.unary("k", D2, HW1);
    await stage.settle();
    stage.cancel("k");
    await stage.until(() => stage.server.calls.length === 2, "the second");
    assert.equal(stage.server.calls[0]!.cancelled?.code, 1);
    assert.deepEqual(stage.server.calls[1]!.messages, [HW1]);
    assert.equal(stage.replies().length, 0);
    stage.unary("k", [["sluice:deadline", "1700000090000"]], HW2);
    await stage.settle();
    await stage.pass(60_010);
    await stage.until(() => stage.server.calls.length === 3, "the third");
    assert.equal(stage.server.calls[1]!.cancelled?.code, 4);
    assert.equal(stage.replies().length, 0);
    stage.server.calls[2]!.reply.end(OK);
    await stage.until(() => stage.finals("k").length === 1, "the answer");
    assert.deepEqual(stage.server.calls[2]!.messages, [HW2]);
  }),
);

test(
  "records with another deadline neither end nor feed a running call",
  staged(async (stage) => {
    stage.request({ id: "k", value: HW, more: D1 });
    stage.request({ id: "k", value: HW1, more: D2 });
    stage.request({ id: "k", more: D2 });
    await stage.settle();
    assert.deepEqual(stage.server.only.messages, [HW]);
    assert.equal(stage.server.only.halfClosed, false);
    stage.request({ id: "k", more: D1 });
    await stage.settle();
    assert.equal(stage.server.only.halfClosed, true);
    stage.server.only.reply.end(OK);
    await stage.until(() => stage.finals("k").length === 1, "the answer");
  }),
);

test(
  "a tombstone that comes after the final record is done at once, and begins nothing",
  staged(async (stage) => {
    stage.server.onMessages = ({ reply, messages }) => {
      setImmediate(() => {
        reply.write(messages);
        reply.end(OK);
      });
    };
    stage.request({ id: "a", value: HW });
    await stage.until(() => stage.finals("a").length === 1, "the answer");
    await stage.settle();
    stage.request({ id: "a" });
    await stage.until(() => stage.committed === 2, "the tombstone is done");
    stage.request({ id: "a" }); // It is forgotten with its tombstone: another is nobody's.
    await stage.until(() => stage.finals("a").length === 2, "the answer to the stray one");
    assert.equal(stage.finals("a")[1]![0]![1], "13");
    assert.equal(stage.server.calls.length, 1);
  }),
);

test(
  "a tombstone that comes while the final record is on its way is done with the call",
  staged(async (stage) => {
    stage.server.onMessages = ({ reply }) => setImmediate(() => reply.end(OK));
    stage.kafka.holdAcks();
    stage.request({ id: "a", value: HW });
    await stage.until(() => stage.finals("a").length === 1, "the final record is written");
    stage.request({ id: "a", value: HW });
    stage.request({ id: "a" });
    await stage.settle();
    assert.equal(stage.committed, 0, "nothing is done before the acknowledgement");
    stage.kafka.releaseAcks();
    await stage.until(() => stage.committed === 3, "all of it is done");
    assert.equal(stage.server.calls.length, 1);
  }),
);

test(
  "a tombstone of an unknown id is answered INTERNAL; one that says there were no messages begins a call without any",
  staged(async (stage) => {
    stage.echo();
    stage.request({ id: "a" });
    stage.request({ id: "b", more: NONE });
    await stage.until(() => stage.replies().length === 2, "both answers");
    assert.deepEqual(stage.finals("a"), [final(13, "the request ended, but none of its messages is known")]);
    assert.deepEqual(stage.finals("b"), [final(0)]);
    assert.deepEqual(stage.server.only.messages, []);
    assert.equal(stage.count("refused"), 1);
  }),
);

test(
  "a cancel resets the server's call, writes no final record, and its tombstone begins nothing: in every phase",
  staged(async (stage) => {
    stage.request({ id: "open", value: HW });
    stage.unary("closed");
    stage.request({ id: "answered", value: HW });
    await stage.until(() => stage.server.calls.length === 3, "the calls");
    const [open, closed, answered] = stage.server.calls;
    answered!.reply.headers([]);
    answered!.reply.write([HW]);
    await stage.until(() => stage.replies("answered").length === 1, "a value");
    stage.cancel("open");
    stage.request({ id: "open" });
    stage.cancel("closed");
    stage.cancel("answered");
    stage.request({ id: "answered" });
    stage.cancel("unknown");
    stage.request({ id: "unknown" });
    await stage.until(() => stage.committed === stage.end, "everything is done");
    for (const call of [open, closed, answered]) assert.equal(call!.cancelled?.code, 1);
    assert.equal(stage.replies().length, 1);
    assert.equal(stage.count("cancelled"), 3);
  }),
);

test(
  "a cancelled call's id is free again",
  staged(async (stage) => {
    stage.request({ id: "k", value: HW });
    await stage.settle();
    stage.cancel("k");
    stage.request({ id: "k" });
    await stage.settle();
    stage.echo();
    stage.unary("k", [], HW1);
    await stage.until(() => stage.finals("k").length === 1, "the answer");
    assert.deepEqual(stage.server.calls[1]!.messages, [HW1]);
  }),
);

test(
  "a cancel while the call waits to be tried again, and while its final record is on its way",
  staged(async (stage) => {
    stage.server.onCall = ({ reply, call }) => {
      if (call.method === "Away") setImmediate(() => reply.end({ code: 14, message: "refused", unprocessed: true }));
    };
    stage.request({ id: "away", method: "Away", value: HW });
    stage.request({ id: "ending", value: HW });
    await stage.settle();
    stage.kafka.holdAcks();
    stage.server.calls[1]!.reply.end(OK);
    await stage.until(() => stage.finals("ending").length === 1, "the final record is written");
    stage.cancel("away");
    stage.request({ id: "away", method: "Away" });
    stage.cancel("ending");
    stage.request({ id: "ending" });
    await stage.until(() => stage.committed === stage.end, "everything is done");
    stage.kafka.releaseAcks();
    await stage.pass(1_000);
    assert.equal(stage.server.calls.length, 2);
    assert.equal(stage.replies().length, 1);
  }),
);

test(
  "a cancel of nobody is about the tombstone beside it, and no other",
  staged(async (stage) => {
    stage.echo();
    stage.cancel("k");
    stage.request({ id: "k", more: NONE });
    stage.request({ id: "k", more: NONE });
    await stage.until(() => stage.finals("k").length === 1, "the answer to the second");
    await stage.settle();
    assert.equal(stage.server.calls.length, 1);
  }),
);

test(
  "the id of a call that ended before its request did, with another deadline, is a new call at once",
  staged(async (stage) => {
    stage.server.onMessages = ({ reply }) => setImmediate(() => reply.end({ code: 3, message: "" }));
    stage.request({ id: "k", value: HW, more: D1 });
    await stage.until(() => stage.finals("k").length === 1, "the error");
    await stage.settle();
    stage.server.onMessages = () => {};
    stage.echo();
    stage.unary("k", D2, HW1);
    await stage.until(() => stage.finals("k").length === 2, "the answer");
    stage.request({ id: "k", value: HW, more: D1 });
    stage.request({ id: "k", more: D1 });
    await stage.until(() => stage.committed === 5, "what was left of the first");
    assert.deepEqual(stage.finals("k"), [final(3), final(0)]);
  }),
);
