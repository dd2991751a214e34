// Kafka does not take every reply: the caller is told what can be told, and an offset is not done before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, OK } from "../../../src/core/status.ts";
import { final, HW, HW1, type Stage, staged } from "./stage.ts";

const TOO_LARGE = fail("RESOURCE_EXHAUSTED", "a record is larger than topic 'responses' takes").status;
const NOT_ALLOWED = fail("PERMISSION_DENIED", "kafka does not allow this on topic 'responses'").status;
const AWAY = fail("UNAVAILABLE", "no broker answers").status;
const BIG = new Uint8Array(2_000);

/** Refuses batches with a value as large as that. */
const small = (stage: Stage): void => {
  stage.kafka.refuse = (_to, records) => (records.some(({ value }) => (value?.length ?? 0) >= BIG.length) ? TOO_LARGE : undefined);
};

test(
  "one reply that is too large becomes a final record RESOURCE_EXHAUSTED",
  staged(async (stage) => {
    small(stage);
    stage.server.onHalfClose = ({ reply }) => {
      reply.headers([["a", "b"]]);
      reply.write([BIG]);
      reply.end(OK);
    };
    stage.unary("shaped", [["sluice:shape", "one-reply"]]);
    stage.unary("plain");
    await stage.until(() => stage.replies().length === 2, "both answers");
    for (const id of ["shaped", "plain"]) {
      assert.deepEqual(stage.replies(id), [{ value: null, headers: final(8, "the reply is too large to be written") }]);
    }
  }),
);

test(
  "a stream with a reply that is too large ends RESOURCE_EXHAUSTED, with the server cancelled, after what came before it",
  staged(async (stage) => {
    small(stage);
    stage.unary("a");
    await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the call");
    const { reply } = stage.server.only;
    reply.write([HW]);
    await stage.until(() => stage.replies().length === 1, "the first reply");
    reply.write([BIG]);
    await stage.until(() => stage.finals("a").length === 1, "the end");
    assert.equal(stage.server.only.cancelled?.code, 8);
    assert.deepEqual(stage.finals("a"), [final(8, "the reply is too large to be written")]);
    assert.equal(stage.replies().length, 2);
  }),
);

test(
  "an OK never follows a reply that is missing: the final record waits for every value",
  staged(async (stage) => {
    small(stage);
    stage.unary("a");
    await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the call");
    stage.server.only.reply.write([BIG]);
    await new Promise(setImmediate); // It is on its way.
    stage.server.only.reply.end(OK);
    await stage.until(() => stage.finals("a").length === 1, "the end");
    assert.deepEqual(stage.replies(), [{ value: null, headers: final(8, "the reply is too large to be written") }]);
  }),
);

test(
  "a final record whose trailers are too large is written without them",
  staged(async (stage) => {
    stage.kafka.refuse = (_to, records) => (records.some(({ headers }) => headers.length > 3) ? TOO_LARGE : undefined);
    stage.server.onHalfClose = ({ reply }) =>
      reply.end({ code: 9, message: "no" }, [
        ["t1", "x"],
        ["t2", "y"],
      ]);
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the end");
    assert.deepEqual(stage.finals("a"), [final(8, "the reply is too large to be written")]);
  }),
);

test(
  "replies that are not allowed end the call INTERNAL, without saying more to the caller; the log says more",
  staged(async (stage) => {
    let refused = 0;
    stage.kafka.refuse = () => {
      refused += 1;
      return refused === 1 ? NOT_ALLOWED : undefined;
    };
    stage.echo();
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the end");
    assert.deepEqual(stage.finals("a"), [final(13, "the reply could not be written")]);
    assert.ok(stage.runtime.lines.some((line) => line.includes("PERMISSION_DENIED") && line.includes("does not allow")));
  }),
);

test(
  "a final record that is refused for good is given up after a while: logged, counted, an event, and its offsets done",
  staged(async (stage) => {
    stage.kafka.refuse = () => NOT_ALLOWED;
    stage.echo();
    stage.unary("a");
    await stage.settle();
    await stage.pass(59_000, 500);
    assert.equal(stage.committed, 0);
    await stage.pass(2_000, 500);
    assert.equal(stage.committed, 2);
    assert.equal(stage.count("unanswered"), 1);
    assert.ok(stage.runtime.lines.some((line) => line.includes("a call could not be answered")));
    assert.ok(stage.runtime.heard.some(({ event }) => event === "binding.kafka.grpc.unanswered"));
  }),
);

test(
  "it is given up at the call's deadline, if that is sooner",
  staged(async (stage) => {
    stage.kafka.refuse = () => NOT_ALLOWED;
    stage.echo();
    stage.unary("a", [["sluice:deadline", String(stage.clock.now() + 10_000)]]);
    await stage.settle();
    await stage.pass(11_000, 500);
    assert.equal(stage.count("unanswered"), 1);
  }),
);

test(
  "a Kafka that is away is waited for: nothing is done before, the answer comes whole, and nothing runs twice",
  staged(async (stage) => {
    stage.kafka.refuse = () => AWAY;
    stage.server.onHalfClose = ({ reply, messages }) => {
      reply.headers([["a", "b"]]);
      reply.write(messages);
      reply.end(OK, [["t", "u"]]);
    };
    stage.unary("a");
    await stage.settle();
    await stage.pass(300_000, 1_000);
    assert.equal(stage.committed, 0);
    stage.kafka.refuse = () => undefined;
    await stage.pass(6_000, 1_000);
    await stage.until(() => stage.finals("a").length === 1, "the answer");
    assert.deepEqual(stage.replies("a"), [
      { value: Buffer.from(HW).toString("hex"), headers: [["meta:a", "b"]] },
      { value: null, headers: final(0, undefined, ["meta:t", "u"]) },
    ]);
    assert.equal(stage.server.calls.length, 1);
  }),
);

test(
  "a cancel, or the loss of the partition, while Kafka is away: nothing is written when it is back",
  staged(async (stage) => {
    stage.kafka.refuse = () => AWAY;
    stage.echo();
    stage.unary("a");
    await stage.pass(1_000, 100);
    stage.cancel("a");
    await stage.until(() => stage.committed === 3, "all done");
    stage.kafka.refuse = () => undefined;
    await stage.pass(10_000, 1_000);
    assert.equal(stage.replies().length, 0);
  }),
);

test(
  "a value that was not surely written ends a stream UNAVAILABLE: it is not written twice",
  staged(async (stage) => {
    stage.unary("a");
    await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the call");
    stage.kafka.refuse = (_to, records) => (records[0]?.value === null ? undefined : AWAY);
    stage.server.only.reply.write([HW]);
    await stage.until(() => stage.finals("a").length === 1, "the end");
    assert.deepEqual(stage.finals("a"), [final(14, "the reply could not be written")]);
    assert.equal(stage.server.only.cancelled?.code, 14);
  }),
);

test(
  "one reply and its end are one batch; values of a stream go out as they come",
  staged(async (stage) => {
    const batches: number[] = [];
    stage.kafka.refuse = (_to, records) => {
      batches.push(records.length);
      return undefined;
    };
    stage.unary("shaped", [["sluice:shape", "one-reply"]]);
    await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the call");
    stage.server.calls[0]!.reply.write([HW]);
    await stage.settle();
    assert.deepEqual(batches, []);
    stage.server.calls[0]!.reply.end(OK);
    await stage.settle();
    assert.deepEqual(batches, [2]);
    stage.unary("stream");
    await stage.until(() => stage.server.calls[1]?.halfClosed === true, "the call");
    stage.server.calls[1]!.reply.write([HW]);
    stage.server.calls[1]!.reply.write([HW1]);
    await stage.settle();
    assert.deepEqual(batches, [2, 2], "what comes in one turn goes out together");
    stage.server.calls[1]!.reply.write([HW]);
    stage.server.calls[1]!.reply.end(OK);
    await stage.settle();
    assert.deepEqual(batches, [2, 2, 2]);
  }),
);

test(
  "many replies go out in batches that the port allows, in their order, and the end after them",
  staged(async (stage) => {
    const batches: number[] = [];
    stage.kafka.refuse = (_to, records) => {
      batches.push(records.length);
      return undefined;
    };
    stage.server.onHalfClose = ({ reply }) => {
      for (let i = 0; i < 300; i++) reply.write([new Uint8Array([i & 0xff, i >> 8])]);
      reply.end(OK);
    };
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the end");
    assert.deepEqual(batches, [256, 45]);
    const values = stage.replies().map(({ value }) => value);
    const wanted = Array.from({ length: 300 }, (_, i) => Buffer.from([i & 0xff, i >> 8]).toString("hex"));
    assert.deepEqual(values, [...wanted, null]);
  }),
);

test(
  "a status message travels percent-coded",
  staged(async (stage) => {
    stage.server.onHalfClose = ({ reply }) => reply.end({ code: 2, message: "a\tb 100% é" });
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the end");
    assert.deepEqual(stage.finals("a"), [final(2, "a%09b 100%25 %C3%A9")]);
  }),
);

test(
  "without acknowledgements the answer counts as written when it is sent",
  staged(
    async (stage) => {
      stage.echo();
      stage.unary("a");
      await stage.until(() => stage.committed === 2, "the commit");
    },
    { acks: "none" },
  ),
);
