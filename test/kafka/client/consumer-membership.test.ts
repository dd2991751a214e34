import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { REBALANCE_MS } from "../../../src/kafka/client/membership.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { topicOf } from "../../kit/client-context.ts";
import { ConsumerScript, given, INTERVAL_MS, memberOf, settle } from "../../kit/consumer-script.ts";

const OTHER_ID = "00000000-0000-0000-0000-000000000008";
const JOIN = `0 wants t lets go in ${REBALANCE_MS} has []`;

test("a member joins at epoch 0 under an id of its own, says at once what it took, and then only that it lives, when it is due", async () => {
  const script = new ConsumerScript();
  script.beats = [{ epoch: 3, ...given(0, 1) }];
  const { heard, membership, pass, end } = memberOf(script);
  await settle();
  assert.deepEqual(script.said, [JOIN, "3 has [0,1]"]);
  assert.deepEqual(heard, ["assigned 0,1"]);
  const { protocol, generation, id, instance } = membership.identity;
  assert.deepEqual([protocol, generation, instance], ["consumer", 3, null]);
  assert.match(id, /^[0-9a-f-]{36}$/);
  await pass(INTERVAL_MS - 1_000);
  assert.equal(script.said.length, 2);
  await pass(1_000);
  assert.deepEqual(script.said.slice(2), ["3"]);
  assert.deepEqual([...script.ids], [id]);
  await end();
});

test("heartbeats are as frequent as the coordinator says, but never without a pause", async () => {
  const script = new ConsumerScript();
  script.beats = [{}, { intervalMs: 0 }, { intervalMs: 1_000 }];
  const { pass, end } = memberOf(script);
  await settle();
  await pass(INTERVAL_MS);
  assert.equal(script.said.length, 2);
  await pass(100, 100);
  assert.equal(script.said.length, 3);
  await pass(1_000);
  assert.equal(script.said.length, 4);
  await end();
});

test("what is taken away is claimed until it is released; only then the coordinator hears that it is free", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0, 1, 2, 3), {}, given(0, 1), {}, { epoch: 2 }];
  const { pass, heard, release, end } = memberOf(script);
  await settle();
  await pass(INTERVAL_MS);
  assert.deepEqual(heard, ["assigned 0,1,2,3", "revoked 2,3"]);
  await pass(INTERVAL_MS);
  assert.equal(script.said.at(-1), "1", "it lives on meanwhile, and says nothing new");
  await release();
  assert.deepEqual(script.said.slice(-1), ["1 has [0,1]"]);
  await pass(INTERVAL_MS);
  assert.equal(script.said.at(-1), "2");
  assert.deepEqual(heard, ["assigned 0,1,2,3", "revoked 2,3"]);
  await end();
});

test("two revocations go on side by side, each told when it is done", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0, 1, 2), {}, given(0, 1), given(0)];
  const { pass, heard, release, end } = memberOf(script);
  await settle();
  await pass(2 * INTERVAL_MS);
  assert.deepEqual(heard, ["assigned 0,1,2", "revoked 2", "revoked 1"]);
  await release();
  assert.equal(script.said.at(-1), "1 has [0,1]");
  await release();
  assert.equal(script.said.at(-1), "1 has [0]");
  await end();
});

test("a topic whose id is not known yet is asked for, and its partitions are taken when it is known", async () => {
  const script = new ConsumerScript();
  script.beats = [{ assignment: [{ topicId: OTHER_ID, partitions: [0] }] }];
  const { heard, stale, show, pass, end } = memberOf(script);
  await settle();
  assert.deepEqual([heard, stale()], [[], 1]);
  await pass(INTERVAL_MS);
  assert.equal(stale(), 2, "it is asked for again");
  show(topicOf([1], { id: OTHER_ID }));
  await settle();
  assert.deepEqual(heard, ["assigned 0"]);
  assert.equal(script.said.at(-1), "1 has [0]");
  await end();
});

for (const error of [ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.FENCED_MEMBER_EPOCH, ErrorCode.GROUP_ID_NOT_FOUND])
  test(`a member that the group casts out (${error}) loses everything at once and joins anew, under its id`, async () => {
    const script = new ConsumerScript();
    script.beats = [{ epoch: 4, ...given(0, 1) }, {}, { error }, { epoch: 7, ...given(1) }];
    const { pass, heard, membership, end } = memberOf(script);
    await settle();
    await pass(INTERVAL_MS + 1_000);
    assert.deepEqual(heard, ["assigned 0,1", "lost 0,1", "assigned 1"]);
    assert.deepEqual(script.said, [JOIN, "4 has [0,1]", "4", JOIN, "7 has [1]"]);
    assert.equal(script.ids.size, 1);
    assert.equal(membership.identity.generation, 7);
    await end();
  });

test("a member that is fenced while it joins takes another id", async () => {
  const script = new ConsumerScript();
  script.beats = [{ error: ErrorCode.FENCED_MEMBER_EPOCH }, given(0)];
  const { pass, heard, end } = memberOf(script);
  await settle();
  await pass(1_000);
  assert.deepEqual(heard, ["assigned 0"]);
  assert.equal(script.ids.size, 2);
  await end();
});

test("what was being let go when everything was lost is nothing to the next membership", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0, 1), {}, given(1), { error: ErrorCode.UNKNOWN_MEMBER_ID }, { epoch: 5, ...given(0, 1) }];
  const { pass, heard, release, end } = memberOf(script);
  await settle();
  await pass(2 * INTERVAL_MS + 1_000);
  assert.deepEqual(heard, ["assigned 0,1", "revoked 0", "lost 0,1", "assigned 0,1"]);
  await release();
  await pass(INTERVAL_MS);
  assert.equal(script.said.at(-1), "5", "it still has both");
  await end();
});

test("a coordinator that cannot be reached, or is another now, takes nothing away; the next is told everything", async () => {
  const script = new ConsumerScript();
  const elsewhere = [ErrorCode.NOT_COORDINATOR, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE];
  script.beats = [given(0), {}, new Error("Connection closed"), ...elsewhere.map((error) => ({ error })), {}];
  const { pass, heard, moves, end } = memberOf(script);
  await settle();
  await pass(INTERVAL_MS + 4_000);
  assert.equal(moves(), 4);
  assert.deepEqual(heard, ["assigned 0"]);
  const full = `1 wants t lets go in ${REBALANCE_MS} has [0]`;
  assert.deepEqual(script.said, [JOIN, "1 has [0]", "1", full, full, full, full]);
  await pass(INTERVAL_MS);
  assert.equal(script.said.at(-1), "1");
  await end();
});

test("whoever was told that the group has changed has the member ask at once, also while an answer is on its way", async () => {
  const script = new ConsumerScript();
  const { membership, end } = memberOf(script);
  await settle();
  membership.check();
  membership.check();
  await settle();
  assert.deepEqual(script.said, [JOIN, "1"]);
  membership.check();
  await turn();
  membership.check();
  await settle();
  assert.deepEqual(script.said, [JOIN, "1", "1", "1"]);
  await end();
});

test("leaving says so with epoch -1, once the coordinator may know of the member", async () => {
  const script = new ConsumerScript();
  const { membership, end } = memberOf(script);
  await membership.leave();
  assert.deepEqual(script.said, []);
  await settle();
  await membership.leave();
  assert.equal(script.said.at(-1), "-1");
  await end();
});

test("a static member goes with epoch -2, and its partitions wait for it", async () => {
  const script = new ConsumerScript();
  const { membership, end } = memberOf(script, { instance: "i" });
  await settle();
  assert.equal(script.said[0], `0 i wants t lets go in ${REBALANCE_MS} has []`);
  await membership.leave();
  assert.equal(script.said.at(-1), "-2 i");
  await end();
});
