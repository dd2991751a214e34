// Partitions come and go: what is asked back gets its grace, what is lost is dropped, and a drain leaves nothing half done.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, OK } from "../../../src/core/status.ts";
import type { TopicPartition } from "../../../src/ports/kafka.ts";
import { ManualClock } from "../../kit/clock.ts";
import { MemoryKafka } from "../../kit/memory-kafka.ts";
import { final, GROUP, HW, HW1, Stage, staged } from "./stage.ts";

const P0: TopicPartition = { topic: "requests", partition: 0 };

test(
  "running calls of a revoked partition may end within their grace; it is released when the last has",
  staged(async (stage) => {
    stage.unary("a");
    stage.request({ id: "b", value: HW });
    await stage.until(() => stage.server.calls.length === 2, "the calls");
    stage.kafka.revoke(GROUP, [P0]);
    stage.unary("new");
    stage.request({ id: "b", value: HW1 });
    stage.request({ id: "b" });
    await stage.until(() => stage.server.calls[1]!.halfClosed, "the rest of an open request, read by the call itself");
    assert.deepEqual(stage.server.calls[1]!.messages, [HW, HW1]);
    stage.server.calls[0]!.reply.end(OK);
    stage.server.calls[1]!.reply.end(OK);
    await stage.until(() => stage.finals("b").length === 1, "its answer");
    assert.equal(stage.server.calls.length, 2, "nothing new is begun");
    stage.echo();
    stage.kafka.assign(GROUP);
    await stage.until(() => stage.finals("new").length === 1, "the new owner begins what was not begun");
    assert.equal(stage.finals("a").length, 1);
    assert.equal(stage.finals("b").length, 1);
    assert.equal(stage.count("abandoned"), 0);
  }),
);

test("the group's name is the original's, or as the property writes it", async () => {
  for (const [format, group] of [
    [undefined, "zilla:test-remote_server0"],
    ["%s.%s", "test.remote_server0"],
    ["mine", "mine"],
  ] as const) {
    const stage = new Stage(format === undefined ? {} : { properties: { "zilla.binding.kafka.grpc.group.id.format": format } });
    stage.echo();
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the answer");
    await stage.settle();
    assert.equal(stage.kafka.committed(group, P0), 2);
    await stage.leave();
  }
});

test(
  "a revoked partition with nothing running is released at once",
  staged(async (stage) => {
    stage.kafka.revoke(GROUP, [P0]);
    await stage.settle();
    stage.kafka.assign(GROUP);
    stage.echo();
    stage.unary("a");
    await stage.until(() => stage.finals("a").length === 1, "the answer");
  }),
);

test(
  "what has not ended when the grace is over is cancelled without an answer, and begun again by the next owner",
  staged(async (stage) => {
    stage.unary("a");
    await stage.until(() => stage.server.calls.length === 1, "the call");
    stage.kafka.revoke(GROUP, [P0]);
    await stage.pass(4_900);
    assert.equal(stage.count("abandoned"), 0);
    await stage.pass(200);
    assert.equal(stage.server.calls[0]!.cancelled?.code, 14);
    assert.equal(stage.replies().length, 0);
    assert.equal(stage.committed, 0);
    stage.echo();
    stage.kafka.assign(GROUP);
    await stage.until(() => stage.finals("a").length === 1, "the answer of the second run");
    const [header] = stage.replies("a")[0]!.headers;
    assert.equal(header?.[0], "sluice:attempt");
    assert.equal(stage.server.calls.length, 2);
  }),
);

test(
  "calls of a lost partition are cancelled at once, and nothing more is written or committed for them",
  staged(async (stage) => {
    stage.unary("a");
    stage.unary("b");
    await stage.until(() => stage.server.calls.length === 2, "the calls");
    stage.kafka.holdAcks();
    stage.server.calls[1]!.reply.end(OK);
    await stage.until(() => stage.finals("b").length === 1, "its final record is written");
    stage.server.calls[0]!.reply.write([HW]);
    stage.kafka.revoke(GROUP, [P0], "lost");
    await stage.settle();
    assert.equal(stage.server.calls[0]!.cancelled?.code, 14);
    stage.kafka.releaseAcks();
    await stage.settle();
    assert.equal(stage.committed, 0);
    assert.equal(stage.replies().length, 1);
    assert.equal(stage.count("abandoned"), 2);
    stage.echo();
    stage.kafka.assign(GROUP);
    await stage.until(() => stage.committed === 4, "the next owner's commits");
  }),
);

test(
  "a partition that is lost while it is being let go is not released",
  staged(async (stage) => {
    stage.unary("a");
    await stage.until(() => stage.server.calls.length === 1, "the call");
    stage.kafka.revoke(GROUP, [P0]);
    await stage.settle();
    stage.kafka.failGroup(GROUP, fail("ABORTED", "the group has a newer generation").status);
    await stage.settle();
    assert.equal(stage.server.calls[0]!.cancelled?.code, 14);
    stage.echo();
    stage.kafka.assign(GROUP);
    await stage.pass(500);
    await stage.until(() => stage.finals("a").length === 1, "the answer");
  }),
);

test(
  "a membership that ends with an error is begun again, with pauses, and said aloud",
  staged(async (stage) => {
    stage.unary("a");
    await stage.until(() => stage.server.calls.length === 1, "the call");
    stage.kafka.failGroup(GROUP, fail("UNAVAILABLE", "no broker answers").status);
    await stage.settle();
    assert.equal(stage.server.calls[0]!.cancelled?.code, 14);
    assert.ok(stage.runtime.lines.some((line) => line.includes("no longer a member of the group") && line.includes(GROUP)));
    assert.ok(stage.runtime.heard.some(({ event }) => event === "binding.kafka.grpc.group.left"));
    stage.echo();
    assert.equal(stage.kafka.members, 0);
    await stage.pass(210);
    await stage.until(() => stage.finals("a").length === 1, "the second run's answer");
    stage.kafka.failGroup(GROUP, fail("UNAVAILABLE", "no broker answers").status);
    await stage.pass(210);
    assert.equal(stage.kafka.members, 1, "a membership that stood is begun again as soon as the first");
  }),
);

test("a group that cannot be joined is tried again, ever more rarely", async () => {
  const clock = new ManualClock();
  const stage = new Stage({ clock, kafka: new MemoryKafka({ clock, topics: { responses: 1 } }) });
  await stage.pass(60_000, 100);
  assert.ok(stage.joins >= 7 && stage.joins <= 12, `tried ${stage.joins} times`);
  await stage.leave();
});

test("a drain begins nothing new, finishes what is in hand, commits and leaves", async () => {
  const stage = new Stage();
  await stage.settle();
  stage.request({ id: "a", value: HW });
  await stage.until(() => stage.server.calls.length === 1, "the call");
  let drained = false;
  const draining = stage.bound.drain!(stage.clock.now() + 30_000).then(() => {
    drained = true;
  });
  stage.unary("new");
  stage.request({ id: "a", value: HW1 });
  stage.request({ id: "a" });
  await stage.until(() => stage.server.calls[0]!.halfClosed, "the rest of the request");
  assert.deepEqual([drained, stage.kafka.members], [false, 1]);
  stage.server.only.reply.end(OK);
  await draining;
  await stage.settle();
  assert.equal(stage.kafka.members, 0);
  assert.deepEqual(stage.finals("a"), [final(0)]);
  assert.equal(stage.server.calls.length, 1);
  assert.equal(stage.committed, 1, "the new call's records are for the next member");
  await stage.leave();
});

test("a drain whose time is over leaves what still runs to the next member", async () => {
  const stage = new Stage();
  await stage.settle();
  stage.unary("a");
  await stage.until(() => stage.server.calls.length === 1, "the call");
  const drained = stage.bound.drain!(stage.clock.now() + 3_000);
  await stage.pass(3_010);
  await drained;
  assert.equal(stage.server.only.cancelled?.code, 14);
  assert.equal(stage.committed, 0);
  assert.equal(stage.replies().length, 0);
  await stage.leave();
});

test("a drain with nothing in hand, and one while the group cannot be joined, settle at once", async () => {
  const idle = new Stage();
  await idle.settle();
  await idle.bound.drain!(idle.clock.now() + 30_000);
  await idle.leave();
  const clock = new ManualClock();
  const outside = new Stage({ clock, kafka: new MemoryKafka({ clock, topics: { responses: 1 } }) });
  await outside.settle();
  await outside.bound.drain!(clock.now() + 30_000);
  await outside.leave();
});

test("two members of the group each answer the calls of their partitions; one takes over from the other", async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const kafka = new MemoryKafka({ clock, topics: { requests: 2, responses: 1 } });
  const [one, two] = [new Stage({ clock, kafka }), new Stage({ clock, kafka })];
  await one.settle();
  one.echo();
  two.echo();
  for (let i = 0; i < 20; i++) {
    one.request({ id: `c${i}`, value: HW, partition: i % 2 });
    one.request({ id: `c${i}`, partition: i % 2 });
  }
  await one.until(() => one.replies().length === 40, "all answers");
  assert.deepEqual([one.server.calls.length, two.server.calls.length], [10, 10]);
  await one.bound.drain!(clock.now() + 30_000);
  for (let i = 20; i < 40; i++) {
    one.request({ id: `c${i}`, value: HW, partition: i % 2 });
    one.request({ id: `c${i}`, partition: i % 2 });
  }
  await one.until(() => one.replies().length === 80, "all answers");
  assert.equal(two.server.calls.length, 30);
  await one.settle();
  for (const partition of [0, 1]) assert.equal(kafka.committed(GROUP, { topic: "requests", partition }), 40);
  await two.bound.close?.();
  await one.leave();
});

test(
  "an offset that another call holds does not make finished calls behind it run again",
  staged(async (stage) => {
    stage.request({ id: "long", value: HW });
    stage.server.onHalfClose = ({ reply }) => reply.end(OK);
    for (let i = 0; i < 5; i++) stage.unary(`short${i}`);
    await stage.until(() => stage.replies().length === 5, "the short calls");
    await stage.settle();
    assert.equal(stage.committed, 0);
    stage.kafka.revoke(GROUP, [P0], "lost");
    await stage.settle();
    stage.kafka.assign(GROUP);
    await stage.settle();
    stage.request({ id: "long" });
    await stage.until(() => stage.finals("long").length === 1, "the long call's answer");
    assert.equal(stage.server.calls.length, 7, "two runs of the long one, one of each short one");
  }),
);
