import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Code, StatusError } from "../../../src/core/status.ts";
import { Brokers } from "../../../src/kafka/client/brokers.ts";
import type { TopicView } from "../../../src/kafka/client/calls.ts";
import { Life } from "../../../src/kafka/client/life.ts";
import { Metadata } from "../../../src/kafka/client/metadata.ts";
import { Report } from "../../../src/kafka/client/report.ts";
import { ManualClock } from "../../kit/clock.ts";
import { FakeLink } from "../../kit/fake-link.ts";
import { testRuntime } from "../../kit/runtime.ts";

const view = (name: string, partitions: number, error = 0): TopicView => ({
  name,
  id: "id",
  error,
  partitions: Array.from({ length: partitions }, () => ({ leader: 1, leaderEpoch: 0 })),
});

/** Metadata whose answers are `answers`, or fail when it is undefined. */
const metadataOf = () => {
  const clock = new ManualClock();
  const runtime = testRuntime({ clock });
  const report = new Report({ ...runtime, namespace: "n", binding: "b" });
  const life = new Life(clock);
  const options = { bootstrap: [{ host: "h", port: 1 }], dial: { allows: () => true }, clientId: "c" };
  const brokers = new Brokers({ ...options, clock, report, open: async () => new FakeLink() });
  const asked: (readonly string[])[] = [];
  const state: { answers: ((names: readonly string[]) => readonly TopicView[]) | undefined } = { answers: undefined };
  const ask = async (_link: unknown, names: readonly string[]) => {
    asked.push(names);
    if (!state.answers) throw new Error("Connection closed");
    return { brokers: [{ id: 1, host: "h", port: 1 }], topics: state.answers(names) };
  };
  const metadata = new Metadata({ brokers, clock, life, report, ask });
  metadata.start();
  /** Lets time pass in small steps, so that what is asked in between is answered. */
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += 50) {
      clock.advance(50);
      for (let round = 0; round < 4; round++) await turn();
    }
  };
  return { metadata, clock, life, runtime, asked, state, pass };
};

const statusOf = async (promise: Promise<unknown>): Promise<{ readonly code: number; readonly message: string }> => {
  const reason = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(reason instanceof StatusError);
  return reason.status;
};

test("a topic that is there is known after one answer, and not asked for again by the next caller", async () => {
  const { metadata, state, pass, asked, life } = metadataOf();
  state.answers = (names) => names.map((name) => view(name, 3));
  const resolving = metadata.resolve("t");
  await pass(200);
  assert.equal((await resolving).partitions.length, 3);
  const before = asked.length;
  assert.equal((await metadata.resolve("t")).name, "t");
  assert.equal(metadata.known("t")?.partitions.length, 3);
  assert.equal(asked.length, before);
  life.end();
});

test("a topic that is not there is waited for, two seconds long, and is named then", async () => {
  const { metadata, state, pass, life } = metadataOf();
  state.answers = (names) => names.map((name) => view(name, 0, 3));
  const status = statusOf(metadata.resolve("gone"));
  await pass(1_900);
  assert.equal(await Promise.race([status, turn("waiting")]), "waiting");
  await pass(600);
  assert.deepEqual(await status, { code: Code.FAILED_PRECONDITION, message: "kafka: topic 'gone' does not exist" });
  life.end();
});

test("a topic that comes into being meanwhile is resolved", async () => {
  const { metadata, state, pass, life } = metadataOf();
  state.answers = (names) => names.map((name) => view(name, 0, 3));
  const resolving = metadata.resolve("late");
  await pass(1_000);
  state.answers = (names) => names.map((name) => view(name, 1));
  await pass(300);
  assert.equal((await resolving).partitions.length, 1);
  life.end();
});

test("a topic that may not be seen is refused at once, with an event", async () => {
  const { metadata, state, pass, runtime, life } = metadataOf();
  state.answers = (names) => names.map((name) => view(name, 0, 29));
  const status = statusOf(metadata.resolve("secret"));
  await pass(300);
  assert.equal((await status).code, Code.PERMISSION_DENIED);
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.kafka.topic.authorization.failed"],
  );
  life.end();
});

test("while nobody answers, callers wait; the log says so once, and what may be missing", async () => {
  const { metadata, state, pass, runtime, life } = metadataOf();
  const resolving = metadata.resolve("t");
  await pass(20_000);
  assert.equal(await Promise.race([resolving, turn("waiting")]), "waiting");
  assert.equal(runtime.lines.length, 1);
  assert.match(runtime.lines[0]!, /did not answer a request for metadata: Connection closed; does that listener want SASL or TLS/);
  state.answers = (names) => names.map((name) => view(name, 1));
  await pass(6_000);
  assert.equal((await resolving).name, "t");
  life.end();
});

test("topics that are watched are asked for every five seconds, and their watches told; others are not", async () => {
  const { metadata, state, pass, asked, life } = metadataOf();
  let partitions = 1;
  state.answers = (names) => names.map((name) => view(name, partitions));
  const seen: number[] = [];
  const unwatch = metadata.watch("t", (topic) => seen.push(topic.partitions.length));
  await pass(500);
  partitions = 2;
  const before = asked.length;
  await pass(10_500);
  assert.ok(asked.length - before >= 2 && asked.length - before <= 3, `${asked.length - before} requests`);
  assert.equal(seen.at(-1), 2);
  unwatch();
  const after = asked.length;
  const told = seen.length;
  await pass(60_000);
  assert.ok(asked.length - after <= 1);
  assert.equal(seen.length, told);
  life.end();
});

test("many who ask at once cost one request, and a storm of them ten a second", async () => {
  const { metadata, state, pass, asked, life } = metadataOf();
  state.answers = (names) => names.map((name) => view(name, 1));
  await pass(200);
  const before = asked.length;
  for (let round = 0; round < 100; round++) metadata.stale();
  await pass(100);
  assert.ok(asked.length - before <= 2);
  const storm = asked.length;
  for (let round = 0; round < 20; round++) {
    metadata.stale();
    await pass(50);
  }
  assert.ok(asked.length - storm <= 12, `${asked.length - storm} requests in a second`);
  life.end();
});

test("the end ends what waits", async () => {
  const { metadata, life, clock } = metadataOf();
  const waiting = assert.rejects(metadata.resolve("t"), /ended/);
  await turn();
  life.end();
  await waiting;
  assert.equal(clock.armed, 0);
});
