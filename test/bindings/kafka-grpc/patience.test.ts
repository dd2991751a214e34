// How long a remote server is patient: with a server that is not there, with one that never answers, and with a caller's time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK, type Status } from "../../../src/core/status.ts";
import { final, HW, HW1, HW2, type Stage, staged } from "./stage.ts";

const REFUSED: Status = { code: 14, message: "connection refused", unprocessed: true };

/** The server is not there for that many attempts. */
const absent = (stage: Stage, attempts: number): void => {
  let tries = 0;
  stage.server.onCall = ({ reply }) => {
    tries += 1;
    if (tries <= attempts) setImmediate(() => reply.end(REFUSED));
  };
  stage.server.onHalfClose = ({ reply, messages }) => {
    if (tries <= attempts) return;
    reply.write(messages);
    reply.end(OK);
  };
};
const deadline = (stage: Stage, ms: number): readonly [string, string] => ["sluice:deadline", String(stage.clock.now() + ms)];

test(
  "a server that cannot be reached is tried again with growing, bounded pauses",
  staged(async (stage) => {
    const at: number[] = [];
    absent(stage, 9);
    const onCall = stage.server.onCall;
    stage.server.onCall = (call) => {
      at.push(stage.clock.now());
      onCall(call);
    };
    stage.unary("a");
    await stage.settle();
    while (stage.finals("a").length === 0) await stage.pass(10);
    const pauses = at.slice(1).map((ms, i) => ms - at[i]!);
    const wanted = [50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000];
    assert.equal(pauses.length, wanted.length);
    for (const [i, pause] of pauses.entries()) assert.ok(pause >= wanted[i]! && pause <= wanted[i]! + 20, `pause ${i}: ${pause}`);
    assert.equal(stage.count("retries"), 9);
    assert.deepEqual(stage.finals("a"), [final(0)]);
    assert.deepEqual(stage.server.calls.at(-1)!.messages, [HW]);
  }),
);

test(
  "without a deadline the caller is answered UNAVAILABLE after the configured time",
  staged(
    async (stage) => {
      absent(stage, Number.POSITIVE_INFINITY);
      stage.unary("a");
      await stage.settle();
      await stage.pass(10_000, 100);
      await stage.until(() => stage.finals("a").length === 1, "the answer");
      assert.deepEqual(stage.finals("a"), [final(14, "connection refused")]);
    },
    { retryMs: 10_000 },
  ),
);

test(
  "with a deadline it is tried until then",
  staged(
    async (stage) => {
      absent(stage, Number.POSITIVE_INFINITY);
      stage.unary("a", [deadline(stage, 30_000)]);
      await stage.settle();
      await stage.pass(29_900, 100);
      assert.equal(stage.finals("a").length, 0);
      await stage.pass(200, 100);
      assert.deepEqual(stage.finals("a"), [final(4, "deadline exceeded while the server could not be reached")]);
    },
    { retryMs: 10_000 },
  ),
);

test(
  "an UNAVAILABLE of the server's own is passed on, and so is a refusal after it began to answer",
  staged(async (stage) => {
    stage.server.onHalfClose = ({ reply, call }) => {
      if (call.method === "Begun") reply.headers([]);
      reply.end(call.method === "Begun" ? REFUSED : { code: 14, message: "too busy" });
    };
    stage.unary("a");
    stage.request({ id: "b", method: "Begun", value: HW });
    stage.request({ id: "b", method: "Begun" });
    await stage.until(() => stage.replies().length === 2, "both answers");
    assert.deepEqual(stage.finals("a"), [final(14, "too busy")]);
    assert.deepEqual(stage.finals("b"), [final(14, "connection refused")]);
    assert.equal(stage.server.calls.length, 2);
  }),
);

test(
  "a service that refuses at once is tried again as well",
  staged(async (stage) => {
    let tries = 0;
    stage.echo();
    stage.server.onCall = () => {
      tries += 1;
      if (tries === 1) throw Object.assign(new (class extends Error {})(), {});
    };
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the answer");
    assert.deepEqual(stage.finals("a"), [final(13, "internal error")], "what is not known to be unprocessed is not");
  }),
);

const MANY = Array.from({ length: 40 }, (_, i) => new Uint8Array(200).fill(i));

for (const [name, messages] of [
  ["few messages are kept for another attempt", [HW, HW1, HW2]],
  ["many messages are read again for another attempt", MANY],
] as const) {
  test(
    name,
    staged(async (stage) => {
      absent(stage, 2);
      for (const value of messages) stage.request({ id: "a", value });
      await stage.settle();
      await stage.pass(60);
      stage.request({ id: "a", value: HW1 }); // Between two attempts.
      stage.request({ id: "a" });
      await stage.settle();
      await stage.pass(200);
      await stage.until(() => stage.finals("a").length === 1, "the answer");
      assert.deepEqual(stage.server.calls.at(-1)!.messages, [...messages, HW1]);
      assert.equal(stage.server.calls.length, 3);
      assert.equal(stage.count("feeds") > 0, messages === MANY);
    }),
  );
}

test(
  "a request that is no longer there to be read again ends the call UNAVAILABLE",
  staged(async (stage) => {
    absent(stage, 1);
    for (const value of MANY) stage.request({ id: "a", value });
    await stage.settle();
    stage.kafka.truncate({ topic: "requests", partition: 0 }, 20);
    await stage.pass(100);
    await stage.until(() => stage.finals("a").length === 1, "the answer");
    assert.deepEqual(stage.finals("a"), [final(14, "the request could not be read again")]);
    stage.request({ id: "a" });
  }),
);

test(
  "a server that never answers is cancelled at the deadline, and the caller is told",
  staged(async (stage) => {
    stage.unary("a", [deadline(stage, 5_000)]);
    await stage.settle();
    assert.equal(stage.server.only.call.deadlineMs, stage.clock.now() + 5_000);
    await stage.pass(4_990);
    assert.equal(stage.count("expired"), 0);
    await stage.pass(20);
    assert.equal(stage.server.only.cancelled?.code, 4);
    assert.deepEqual(stage.finals("a"), [final(4, "deadline exceeded")]);
    assert.equal(stage.count("expired"), 1);
  }),
);

test(
  "a deadline while one reply is held drops it: half an answer is none",
  staged(async (stage) => {
    stage.unary("a", [["sluice:shape", "one-reply"], deadline(stage, 5_000)]);
    await stage.until(() => stage.server.calls[0]?.halfClosed === true, "the call");
    stage.server.only.reply.write([HW]);
    await stage.settle();
    assert.equal(stage.replies().length, 0, "held until the final record");
    await stage.pass(5_010);
    assert.deepEqual(stage.replies(), [{ value: null, headers: final(4, "deadline exceeded") }]);
  }),
);

test(
  "work whose time has passed is refused unbegun, but not for what clocks may differ",
  staged(async (stage) => {
    stage.echo();
    stage.unary("late", [deadline(stage, -501)]);
    stage.unary("differs", [deadline(stage, -499)]);
    await stage.until(() => stage.finals("late").length + stage.finals("differs").length === 2, "both answers");
    assert.deepEqual(stage.finals("late"), [final(4, "deadline exceeded")]);
    assert.deepEqual(stage.finals("differs"), [final(0)]);
    assert.equal(stage.server.only.call.deadlineMs, stage.clock.now() + 1);
  }),
);

test(
  "the original's grpc-timeout counts from the record's timestamp, is no metadata of the call, and yields to sluice:deadline",
  staged(async (stage) => {
    stage.echo();
    const timestampMs = stage.clock.now() - 3_000;
    const timeout = ["meta:grpc-timeout", "5S"] as const;
    stage.request({ id: "a", value: HW, more: [timeout], timestampMs });
    stage.request({ id: "a", more: [timeout], timestampMs });
    stage.request({ id: "b", value: HW, more: [timeout, deadline(stage, 9_000)], timestampMs });
    stage.request({ id: "b", more: [timeout, deadline(stage, 9_000)], timestampMs });
    stage.request({ id: "c", value: HW, more: [["meta:grpc-timeout", "2000m"]], timestampMs });
    stage.request({ id: "c", more: [["meta:grpc-timeout", "2000m"]], timestampMs });
    await stage.until(() => stage.replies().length === 5, "the answers");
    assert.deepEqual(
      stage.server.calls.map(({ call }) => [call.deadlineMs - stage.clock.now(), call.metadata]),
      [
        [2_000, []],
        [9_000, []],
      ],
    );
    assert.deepEqual(stage.finals("c"), [final(4, "deadline exceeded")]);
  }),
);

test(
  "a deadline that is none is no deadline",
  staged(async (stage) => {
    stage.echo();
    for (const [i, text] of ["", "soon", "-1", "1e3", "99999999999999999999"].entries()) stage.unary(`c${i}`, [["sluice:deadline", text]]);
    await stage.until(() => stage.server.calls.length === 5, "the calls");
    for (const { call } of stage.server.calls) assert.equal(call.deadlineMs, Number.POSITIVE_INFINITY);
    await stage.until(() => stage.replies().length === 10, "the answers");
  }),
);
