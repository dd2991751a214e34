import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Code, fail } from "../../../src/core/status.ts";
import type { ProducerIdentity, TopicView } from "../../../src/kafka/client/calls.ts";
import { Producer, type ProducerOptions } from "../../../src/kafka/client/producer.ts";
import { Report } from "../../../src/kafka/client/report.ts";
import type { Acks } from "../../../src/ports/kafka.ts";
import { ManualClock } from "../../kit/clock.ts";
import { FakeLink, valuesOf } from "../../kit/fake-link.ts";
import { recordWith, TestReceipt } from "../../kit/receipts.ts";
import { testRuntime } from "../../kit/runtime.ts";

const topicOf = (leaders: readonly number[], name = "t"): TopicView => ({
  name,
  id: "00000000-0000-0000-0000-000000000001",
  error: 0,
  partitions: leaders.map((leader) => ({ leader, leaderEpoch: 0 })),
});

/** A producer on fake brokers 1 and 2, whose topic can be looked at and changed. */
const producerOf = (options: Partial<ProducerOptions> & { readonly view?: TopicView | undefined } = {}) => {
  const clock = new ManualClock();
  const links = new Map<number, FakeLink>();
  const linkTo = (broker: number): FakeLink => {
    const known = links.get(broker);
    if (known?.open) return known;
    const made = new FakeLink();
    links.set(broker, made);
    return made;
  };
  const known: { topic: TopicView | undefined; stale: number } = { topic: "view" in options ? options.view : topicOf([1]), stale: 0 };
  const runtime = testRuntime({ clock });
  const producer = new Producer({
    clock,
    report: new Report({ ...runtime, namespace: "n", binding: "b" }),
    timeoutMs: 30_000,
    topics: {
      known: () => known.topic,
      resolve: async () => known.topic ?? Promise.reject(fail("FAILED_PRECONDITION", "kafka: topic 't' does not exist")),
      stale: () => {
        known.stale += 1;
      },
    },
    limits: { known: () => 10_000, resolve: async () => 10_000 },
    link: async (broker) => linkTo(broker),
    identity: async (): Promise<ProducerIdentity> => ({ id: 5, epoch: 0 }),
    ...options,
  });
  const send = (value: string, to: { readonly acks?: Acks; readonly key?: string; readonly expiresMs?: number } = {}): TestReceipt => {
    const receipt = new TestReceipt();
    const { acks = "leader_only", key = null, ...rest } = to;
    producer.produce({ topic: "t", acks, ...rest }, [recordWith(value, key)], receipt);
    return receipt;
  };
  return { producer, clock, linkTo, known, runtime, send };
};

test("calls of one turn go in one request; those that come while it is on its way make the next", async () => {
  const { linkTo, send } = producerOf();
  const receipts = ["a", "b"].map((value) => send(value));
  const first = await linkTo(1).produce(0);
  assert.deepEqual(first.batches.map(valuesOf), [["a", "b"]]);
  receipts.push(send("c"), send("d"));
  await turn();
  await turn();
  assert.equal(linkTo(1).produces.length, 1);
  first.answer(0, { baseOffset: 10 });
  const second = await linkTo(1).produce(1);
  assert.deepEqual(second.batches.map(valuesOf), [["c", "d"]]);
  second.answer(0, { baseOffset: 12 });
  assert.deepEqual(
    receipts.map(({ text }) => text),
    ["OK at 10", "OK at 11", "OK at 12", "OK at 13"],
  );
});

test("partitions of one broker share a request, those of another have their own", async () => {
  const { linkTo, send } = producerOf({ view: topicOf([1, 2, 1]) });
  for (let index = 0; index < 9; index++) send(String(index));
  const [one, two] = [await linkTo(1).produce(0), await linkTo(2).produce(0)];
  assert.deepEqual(
    one.batches.map(({ partition }) => partition),
    [0, 2],
  );
  assert.deepEqual(one.batches.map(valuesOf), [
    ["0", "3", "6"],
    ["2", "5", "8"],
  ]);
  assert.deepEqual(two.batches.map(valuesOf), [["1", "4", "7"]]);
});

test("kinds of acks do not mix, and acks none is answered when it was handed over, from a later turn", async () => {
  const { linkTo, send } = producerOf();
  const none = send("n", { acks: "none" });
  const all = send("a", { acks: "in_sync_replicas" });
  assert.equal(none.text, "waiting");
  await none.done();
  assert.equal(none.text, "OK at -1");
  const seen = [await linkTo(1).produce(0), await linkTo(1).produce(1)].map(({ acks, batches }) => [acks, valuesOf(batches[0]!)]);
  assert.deepEqual(seen, [
    [0, ["n"]],
    [-1, ["a"]],
  ]);
  assert.equal(all.text, "waiting");
});

test("when the leader moves, what was refused goes to the new one, and no call hears of it", async () => {
  const { linkTo, send, known, clock } = producerOf();
  const receipt = send("a");
  const first = await linkTo(1).produce(0);
  known.topic = topicOf([2]);
  first.answer(6);
  assert.ok(known.stale > 0);
  clock.advance(200);
  const again = await linkTo(2).produce(0);
  assert.deepEqual(valuesOf(again.batches[0]!), ["a"]);
  again.answer(0, { baseOffset: 3 });
  assert.equal(receipt.text, "OK at 3");
});

test("a lost connection is dialled again, and the same numbers are sent again", async () => {
  const { linkTo, send, clock } = producerOf();
  const receipt = send("a", { acks: "in_sync_replicas" });
  const first = await linkTo(1).produce(0);
  linkTo(1).close();
  clock.advance(200);
  const again = await linkTo(1).produce(0);
  assert.notEqual(again, first);
  assert.equal(again.batches[0]!.batch.baseSequence, first.batches[0]!.batch.baseSequence);
  again.answer(0, { baseOffset: 0 });
  assert.equal(receipt.text, "OK at 0");
});

test("connections that are closed as soon as they are had starve nobody, and are asked for again", async () => {
  let asked = 0;
  const closed = new FakeLink();
  closed.close();
  const open = new FakeLink();
  const { send, clock } = producerOf({ link: async () => (++asked < 4 ? closed : open) });
  send("a");
  for (let round = 0; asked < 4; round++) {
    assert.ok(round < 100);
    await turn();
    clock.advance(50);
  }
  assert.deepEqual(valuesOf((await open.produce(0)).batches[0]!), ["a"]);
});

test("what waits for a topic that is not known goes when it is, in order", async () => {
  let resolve = (_topic: TopicView): void => {};
  const topics = { known: () => undefined, stale() {}, resolve: () => new Promise<TopicView>((settle) => (resolve = settle)) };
  const view: { topic: TopicView | undefined } = { topic: undefined };
  const { linkTo, send } = producerOf({ topics: { ...topics, known: () => view.topic } });
  send("a");
  send("b");
  view.topic = topicOf([1]);
  send("c");
  resolve(view.topic);
  assert.deepEqual(valuesOf((await linkTo(1).produce(0)).batches[0]!), ["a", "b", "c"]);
});

test("a topic that does not exist, or a record that is too large, is refused from a later turn", async () => {
  const missing = producerOf({ view: undefined }).send("a");
  const large = producerOf({ limits: { known: () => 100, resolve: async () => 100 } }).send("x".repeat(200));
  assert.deepEqual([missing.text, large.text], ["waiting", "waiting"]);
  assert.equal((await missing.done()).status?.code, Code.FAILED_PRECONDITION);
  assert.equal((await large.done()).status?.code, Code.RESOURCE_EXHAUSTED);
  assert.match(large.status!.message, /at most 100 bytes .* have 2\d\d/);
});

test("past its bound nothing more is taken, and when there is room again it is", async () => {
  const { producer, linkTo, send } = producerOf({ produceBytesMax: 300 });
  const first = send("x".repeat(200));
  const refused = send("y".repeat(200));
  assert.equal((await refused.done()).status?.code, Code.RESOURCE_EXHAUSTED);
  (await linkTo(1).produce(0)).answer();
  assert.equal(first.status?.code, Code.OK);
  assert.equal(producer.bytes, 0);
  const later = send("z".repeat(200));
  (await linkTo(1).produce(1)).answer();
  assert.equal(later.status?.code, Code.OK);
});

test("what has not been sent when its time passes is dropped, and never sent", async () => {
  const { linkTo, send, clock } = producerOf({ view: topicOf([-1]) });
  const soon = send("a", { expiresMs: clock.now() + 100 });
  const later = send("b");
  clock.advance(100);
  assert.equal(soon.text, "DEADLINE_EXCEEDED");
  clock.advance(30_000);
  assert.equal(later.text, "UNAVAILABLE");
  assert.equal(linkTo(1).produces.length, 0);
  assert.equal(clock.armed, 0);
});

test("a receipt that throws is reported, and the others get theirs", async () => {
  const { producer, linkTo, runtime, send } = producerOf();
  producer.produce({ topic: "t", acks: "leader_only" }, [recordWith("a")], {
    produced() {
      throw new Error("a bug in a binding");
    },
  });
  const receipt = send("b");
  (await linkTo(1).produce(0)).answer();
  assert.equal(receipt.status?.code, Code.OK);
  assert.match(runtime.lines.join(""), /a bug in a binding/);
});

test("without the right to write idempotently, calls hear of it, and those without acks of all go through", async () => {
  const { linkTo, send } = producerOf({ identity: () => Promise.reject(fail("PERMISSION_DENIED", "no")) });
  const all = send("a", { acks: "in_sync_replicas" });
  const leader = send("b");
  assert.equal((await all.done()).status?.code, Code.PERMISSION_DENIED);
  (await linkTo(1).produce(0)).answer();
  assert.equal(leader.status?.code, Code.OK);
});

test("after the close everything has its receipt, and nothing is taken", async () => {
  const { producer, send, linkTo } = producerOf();
  const before = send("a");
  await linkTo(1).produce(0);
  producer.close({ code: Code.UNAVAILABLE, message: "closed" });
  assert.equal(before.text, "UNAVAILABLE");
  const after = send("b");
  assert.equal((await after.done()).text, "UNAVAILABLE");
  linkTo(1).close();
});
