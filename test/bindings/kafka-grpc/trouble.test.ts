// A group that cannot be joined is said to be so once, then ever more rarely, and once more when it can.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fail } from "../../../src/core/status.ts";
import { ManualClock } from "../../kit/clock.ts";
import { MemoryKafka } from "../../kit/memory-kafka.ts";
import { GROUP, Stage } from "./stage.ts";

const HOUR_MS = 3_600_000;

const linesOf = ({ runtime }: Stage, has: string): readonly string[] => runtime.lines.filter((line) => line.includes(has));
const eventsOf = ({ runtime }: Stage): readonly string[] =>
  runtime.heard.map(({ event }) => event.replace("binding.kafka.grpc.", "")).filter((event) => event.startsWith("group."));

const withoutTopic = (): Stage => {
  const clock = new ManualClock();
  return new Stage({ clock, kafka: new MemoryKafka({ clock, topics: { responses: 1 } }) });
};

test("a topic that does not exist is named once with where it should be, then ever more rarely, while it is tried again", async () => {
  const stage = withoutTopic();
  await stage.pass(20_000, 100);
  assert.ok(stage.joins > 4, `${stage.joins} tries`);
  const [line, ...more] = linesOf(stage, "cannot consume");
  assert.match(line ?? "", / warn cannot consume: kafka has no topic 'requests' .*group=zilla:test-remote_server0 .*kafka=memory/);
  assert.deepEqual(more, []);
  assert.equal(linesOf(stage, "no longer a member").length, 0, "it never was one");
  await stage.pass(HOUR_MS, 10_000);
  const still = linesOf(stage, "still cannot consume");
  assert.ok(still.length >= 4 && still.length <= 6, `said ${still.length} times in an hour`);
  assert.match(still[0] ?? "", /sinceSeconds=[67]\d$/m);
  await stage.leave();
});

test("when it appears that is said, and its calls are taken", async () => {
  const stage = withoutTopic();
  await stage.pass(20_000, 100);
  stage.kafka.create("requests", 1);
  stage.echo();
  stage.unary("a");
  await stage.pass(20_000, 100);
  await stage.until(() => stage.finals("a").length === 1, "the answer");
  assert.equal(linesOf(stage, "consumes now").length, 1);
  assert.deepEqual(eventsOf(stage), ["group.refused", "group.joined"]);
  await stage.over();
});

test("another reason is said at once, and a membership that ends is no trouble of joining", async () => {
  const stage = new Stage();
  await stage.settle();
  stage.kafka.failGroup(GROUP, fail("UNAVAILABLE", "no broker answers").status);
  await stage.settle();
  for (const why of ["not authorized for the group", "not authorized for the topic", "not authorized for the topic"]) {
    stage.kafka.refuseGroup(GROUP, fail("PERMISSION_DENIED", why).status);
    await stage.pass(20_000, 100);
  }
  assert.deepEqual(
    stage.runtime.lines.map((line) => /(no longer a member|cannot consume: not authorized for the \w+)/.exec(line)?.[1]).filter(Boolean),
    ["no longer a member", "cannot consume: not authorized for the group", "cannot consume: not authorized for the topic"],
  );
  stage.kafka.refuseGroup(GROUP, undefined);
  await stage.pass(20_000, 100);
  assert.deepEqual(eventsOf(stage), ["group.left", "group.refused", "group.refused", "group.joined"]);
  await stage.over();
});
