import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { COMMIT_MS, Committer, FLUSH_MS } from "../../../src/kafka/client/committer.ts";
import type { CommitOf, GroupCalls, MemberIdentity } from "../../../src/kafka/client/group-calls.ts";
import { Life } from "../../../src/kafka/client/life.ts";
import { OwnedPartition } from "../../../src/kafka/client/owned-partition.ts";
import { PartitionOffsets } from "../../../src/kafka/client/partition-offsets.ts";
import { testContext, topicOf } from "../../kit/client-context.ts";
import { FakeLink } from "../../kit/fake-link.ts";

/** A partition of which ten records were delivered. */
const partitionOf = (partition: number): OwnedPartition => {
  const owned = new OwnedPartition({ topic: "t", partition });
  const offsets = new PartitionOffsets(0, []);
  for (let offset = 0; offset < 10; offset++) offsets.delivered(offset);
  owned.begin(offsets);
  return owned;
};

const committerOf = () => {
  const test = testContext(topicOf([1, 1]));
  const life = new Life(test.clock);
  const commits: (readonly CommitOf[])[] = [];
  const shares: number[] = [];
  const state: { errors: (number | Error)[]; checks: number; moves: number; committing: () => void } = {
    ...{ errors: [], checks: 0, moves: 0 },
    committing: () => {},
  };
  const commit: GroupCalls["commit"] = async (_link, _member, offsets) => {
    commits.push(offsets);
    state.committing();
    const error = state.errors.shift() ?? 0;
    if (error instanceof Error) throw error;
    return offsets.map(({ topic, partition }) => ({ topic, partition, error }));
  };
  const identity: MemberIdentity = { protocol: "classic", group: "g", id: "m", generation: 3, instance: null };
  const committer = new Committer({
    context: test.context,
    calls: { commit },
    group: "g",
    membership: { identity, check: () => void state.checks++ },
    coordinator: { link: async () => new FakeLink(), moved: () => void state.moves++ },
    life,
    measured: (_partition, share) => void shares.push(share),
  });
  const finish = (owned: OwnedPartition, ...offsets: readonly number[]): void => {
    if (owned.offsets.done(offsets)) committer.changed(owned);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += COMMIT_MS) {
      test.clock.advance(COMMIT_MS);
      for (let round = 0; round < 5; round++) await turn();
    }
  };
  const shown = (): readonly string[] =>
    commits.map((of) => of.map(({ partition, offset, metadata }) => `${partition}=${offset}${metadata === "" ? "" : "+"}`).join(" "));
  return { ...test, committer, life, state, finish, pass, shown, commits };
};

test("what becomes done within a while is committed together, once", async () => {
  const { finish, pass, shown } = committerOf();
  const [one, two] = [partitionOf(0), partitionOf(1)];
  finish(one, 0);
  finish(one, 1, 2);
  finish(two, 0, 5);
  assert.deepEqual(shown(), []);
  await pass(COMMIT_MS);
  assert.deepEqual(shown(), ["0=3 1=1+"]);
  await pass(10 * COMMIT_MS);
  assert.equal(shown().length, 1);
  finish(one, 3);
  await pass(COMMIT_MS);
  assert.deepEqual(shown(), ["0=3 1=1+", "0=4"]);
});

for (const error of [22, 25, 27, 69, 110, 113])
  test(`a commit of a member that is not where the group is (${error}) is made again, unless the partition is another's by then`, async () => {
    const { committer, finish, pass, shown, state, runtime } = committerOf();
    const [one, two] = [partitionOf(0), partitionOf(1)];
    state.errors = [error, error];
    finish(one, 0);
    finish(two, 0, 1);
    state.committing = () => committer.forget(one);
    await pass(10 * COMMIT_MS);
    assert.deepEqual(shown(), ["0=1 1=2", "1=2", "1=2"]);
    assert.equal(state.checks, 2);
    assert.equal(runtime.count("sluice.kafka.commit.lost"), 1);
  });

test("a commit that did not get through is made again, with what is done by then", async () => {
  const { finish, pass, shown, state } = committerOf();
  const one = partitionOf(0);
  state.errors = [new Error("Connection closed"), 27, 16, 0];
  finish(one, 0);
  await pass(COMMIT_MS);
  finish(one, 1);
  await pass(20 * COMMIT_MS);
  assert.deepEqual(shown(), ["0=1", "0=2", "0=2", "0=2"]);
  assert.deepEqual([state.checks, state.moves], [1, 2]);
});

test("what may not be committed is told of, and not tried for ever", async () => {
  const { finish, pass, shown, state, runtime } = committerOf();
  state.errors = [29];
  finish(partitionOf(0), 0);
  await pass(20 * COMMIT_MS);
  assert.equal(shown().length, 1);
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.kafka.offset.commit.failed"],
  );
});

test("metadata that the broker finds too large are made smaller, down to none", async () => {
  const { finish, pass, commits, state, runtime } = committerOf();
  state.errors = [12, 12, 12, 12, 12, 12, 12];
  finish(partitionOf(0), 1, 3, 5, 7);
  await pass(600 * COMMIT_MS);
  assert.equal(commits.at(-1)![0]!.metadata, "");
  assert.equal(commits.length, 8);
  assert.ok(runtime.count("sluice.kafka.commit.cut") >= 1);
});

test("a flush waits for its partitions and for no more, at once", async () => {
  const { committer, finish, shown } = committerOf();
  const one = partitionOf(0);
  await committer.flush([one]);
  finish(one, 0);
  await committer.flush([one]);
  assert.deepEqual(shown(), ["0=1"]);
});

test("a flush that cannot be made is given up; what is lost is not waited for", async () => {
  const { committer, finish, state, pass, life, clock } = committerOf();
  const [one, two] = [partitionOf(0), partitionOf(1)];
  state.errors = Array.from({ length: 1_000 }, () => new Error("away"));
  finish(one, 0);
  finish(two, 0);
  let given = 0;
  committer.flush([one]).then(() => given++);
  committer.flush([two]).then(() => given++);
  await pass(COMMIT_MS);
  committer.forget(two);
  await pass(COMMIT_MS);
  assert.equal(given, 1);
  await pass(FLUSH_MS);
  assert.equal(given, 2);
  life.end();
  await turn();
  assert.equal(clock.armed, 0);
});
