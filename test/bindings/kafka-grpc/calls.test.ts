// Which call a record belongs to, and what its answer leaves: mixed, empty, in error, in parts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, OK } from "../../../src/core/status.ts";
import { final, GROUP, HW, HW1, HW2, staged } from "./stage.ts";

const EMPTY = new Uint8Array(0);

test(
  "mixed calls are told apart by their own ids",
  staged(async (stage) => {
    stage.server.onHalfClose = ({ reply, messages, call }) => {
      reply.headers([["of", call.method]]);
      reply.write(messages);
      reply.end(OK);
    };
    stage.request({ id: "a", method: "A", value: HW1 });
    stage.request({ id: "b", method: "B", value: HW2 });
    stage.request({ id: "a", method: "A" });
    stage.request({ id: "b", method: "B" });
    await stage.until(() => stage.replies().length === 4, "both answers");
    const [a, b] = [stage.replies("a"), stage.replies("b")];
    assert.deepEqual(a[0], { value: Buffer.from(HW1).toString("hex"), headers: [["meta:of", "A"]] });
    assert.deepEqual(b[0], { value: Buffer.from(HW2).toString("hex"), headers: [["meta:of", "B"]] });
    assert.deepEqual([a[1]!.headers, b[1]!.headers], [final(0), final(0)]);
    assert.deepEqual(
      stage.server.calls.map(({ messages }) => messages),
      [[HW1], [HW2]],
    );
  }),
);

test(
  "an empty message is a message, and an empty reply is a reply",
  staged(async (stage) => {
    stage.echo();
    stage.unary("a", [], EMPTY);
    await stage.until(() => stage.replies().length === 2, "the answer");
    assert.deepEqual(stage.server.only.messages, [EMPTY]);
    assert.deepEqual(
      stage.replies().map(({ value }) => value),
      ["", null],
    );
  }),
);

test(
  "an answer without messages ends the call, and says where its initial metadata end if it has trailers",
  staged(async (stage) => {
    stage.server.onHalfClose = ({ reply, call }) => {
      if (call.method !== "Trailers") reply.headers([["first", "1"]]);
      reply.end(OK, call.method === "Headers" ? undefined : [["last", "2"]]);
    };
    for (const method of ["Headers", "Both", "Trailers"]) {
      stage.request({ id: method, method, value: HW });
      stage.request({ id: method, method });
    }
    await stage.until(() => stage.replies().length === 3, "the answers");
    assert.deepEqual(stage.finals("Headers"), [final(0, undefined, ["meta:first", "1"])]);
    assert.deepEqual(stage.finals("Both"), [final(0, undefined, ["meta:first", "1"], ["meta:last", "2"], ["sluice:initial", "1"])]);
    assert.deepEqual(stage.finals("Trailers"), [final(0, undefined, ["meta:last", "2"], ["sluice:initial", "0"])]);
  }),
);

test(
  "trailers come after the status on a final record that follows values",
  staged(async (stage) => {
    stage.server.onHalfClose = ({ reply }) => {
      reply.headers([["first", "1"]]);
      reply.write([HW]);
      reply.end(OK, [
        ["last", "2"],
        ["grpc-status-details-bin", "AAE"],
      ]);
    };
    stage.unary("a");
    await stage.until(() => stage.replies().length === 2, "the answer");
    assert.deepEqual(stage.replies()[0]!.headers, [["meta:first", "1"]]);
    assert.deepEqual(stage.finals("a"), [final(0, undefined, ["meta:last", "2"], ["meta:grpc-status-details-bin", "AAE"])]);
  }),
);

test(
  "an error without a message, before any reply and before the half-close, ends the call; what still comes begins nothing",
  staged(async (stage) => {
    stage.server.onMessages = ({ reply }) => setImmediate(() => reply.end({ code: 9, message: "" }));
    stage.request({ id: "a", value: HW });
    await stage.until(() => stage.finals("a").length === 1, "the error");
    assert.deepEqual(stage.finals("a"), [final(9)]);
    await stage.settle();
    assert.equal(stage.committed, 1);
    stage.request({ id: "a", value: HW });
    stage.request({ id: "a", value: HW });
    stage.request({ id: "a" });
    await stage.until(() => stage.committed === 4, "the late records are done");
    assert.equal(stage.server.calls.length, 1);
    assert.equal(stage.count("stray"), 3);
    assert.equal(stage.replies().length, 1);
  }),
);

test(
  "a service that refuses a call outright answers it",
  staged(async (stage) => {
    stage.server.onCall = () => {
      throw fail("UNIMPLEMENTED", "no route takes this call");
    };
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the refusal");
    assert.deepEqual(stage.finals("a"), [final(12, "no route takes this call")]);
  }),
);

test(
  "a service that throws while it is given the request ends the call INTERNAL and is cancelled; others go on",
  staged(async (stage) => {
    stage.echo();
    stage.server.onMessages = ({ call }) => {
      if (call.method === "Bad") throw new Error("a bug");
    };
    stage.request({ id: "a", method: "Bad", value: HW });
    stage.unary("b");
    stage.request({ id: "a", method: "Bad" });
    await stage.until(() => stage.finals("a").length + stage.finals("b").length === 2, "both answers");
    assert.deepEqual(stage.finals("a"), [final(13, "internal error")]);
    assert.deepEqual(stage.finals("b"), [final(0)]);
    assert.equal(stage.server.calls[0]!.cancelled?.code, 13);
    assert.ok(
      stage.runtime.lines.some((line) => line.includes("a bug")),
      "the log says what it was",
    );
  }),
);

test(
  "records of one call in two partitions end it: they need a common key",
  staged(
    async (stage) => {
      stage.request({ id: "a", value: HW, partition: 0 });
      await stage.until(() => stage.server.calls.length === 1, "the call");
      stage.request({ id: "a", partition: 1 });
      await stage.until(() => stage.finals("a").length === 1, "the error");
      assert.equal(stage.finals("a")[0]![0]![1], "13");
      assert.equal(stage.server.only.cancelled?.code, 13);
      assert.equal(stage.kafka.committed(GROUP, { topic: "requests", partition: 1 }), 1);
    },
    { partitions: 2 },
  ),
);

test(
  "replies of a call that another member may have begun say which run they are of",
  staged(
    async (stage) => {
      stage.echo();
      stage.unary("old");
      stage.bound.start?.();
      await stage.until(() => stage.finals("old").length === 1, "the answer");
      stage.unary("new");
      await stage.until(() => stage.finals("new").length === 1, "the answer");
      const run = stage.replies("old")[0]!.headers.find(([name]) => name === "sluice:attempt")?.[1];
      assert.match(run ?? "", /^[\w.-]{1,32}$/);
      assert.deepEqual(stage.finals("old"), [final(0, undefined, ["sluice:attempt", run!])]);
      assert.deepEqual(stage.finals("new"), [final(0)]);
    },
    { idle: true },
  ),
);

test(
  "the offsets of a call are done together when its final record is acknowledged, and not before",
  staged(async (stage) => {
    stage.request({ id: "long", value: HW });
    stage.echo();
    stage.unary("short");
    await stage.until(() => stage.finals("short").length === 1, "the short call's answer");
    await stage.settle();
    assert.equal(stage.committed, 0, "the long call holds the commit");
    stage.request({ id: "long", value: HW });
    stage.request({ id: "long" });
    await stage.until(() => stage.committed === 5, "all done");
  }),
);
