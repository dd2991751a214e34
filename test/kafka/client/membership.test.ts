import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Code, type Status } from "../../../src/core/status.ts";
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "../../../src/kafka/client/consumer-protocol.ts";
import type { GroupCalls, JoinAsked, Joined, MemberIdentity } from "../../../src/kafka/client/group-calls.ts";
import { Life } from "../../../src/kafka/client/life.ts";
import { HEARTBEAT_MS, Membership } from "../../../src/kafka/client/membership.ts";
import type { TopicPartition } from "../../../src/ports/kafka.ts";
import { testContext, topicOf } from "../../kit/client-context.ts";
import { FakeLink } from "../../kit/fake-link.ts";

const text = (partitions: readonly TopicPartition[]): string => partitions.map(({ partition }) => partition).join(",");
const partitions = (...all: readonly number[]): readonly TopicPartition[] => all.map((partition) => ({ topic: "t", partition }));

/** A coordinator that a test scripts: what joins, syncs and heartbeats are answered with. */
class Script implements GroupCalls {
  readonly said: string[] = [];
  joins: (Partial<Joined> | Error)[] = [];
  syncs: (readonly TopicPartition[] | number)[] = [];
  beats: (number | Error)[] = [];
  protocol = "";
  given: ReadonlyMap<string, Uint8Array> = new Map();

  async coordinator() {
    return { error: 0, broker: 1 };
  }
  async join(_link: unknown, member: MemberIdentity, asked: JoinAsked): Promise<Joined> {
    const { owned, generation } = decodeSubscription(asked.subscription);
    this.said.push(`join '${member.id}' owning [${text(owned)}] of ${generation}`);
    const next = this.joins.shift();
    if (next === undefined) return new Promise(() => {});
    if (next instanceof Error) throw next;
    return { error: 0, id: "m1", generation: 1, leads: false, skipsAssignment: false, members: [], ...next };
  }
  async sync(_link: unknown, member: MemberIdentity, assignments: ReadonlyMap<string, Uint8Array>) {
    this.said.push(`sync '${member.id}' of ${member.generation}`);
    this.given = assignments;
    const next = this.syncs.shift() ?? [];
    return typeof next === "number" ? { error: next, assignment: new Uint8Array(0) } : { error: 0, assignment: encodeAssignment(next) };
  }
  async heartbeat(): Promise<number> {
    this.said.push("beat");
    const next = this.beats.shift() ?? 0;
    if (next instanceof Error) throw next;
    return next;
  }
  async beat(): Promise<never> {
    return assert.fail("not of the classic protocol");
  }
  async leave(): Promise<void> {
    this.said.push("leave");
  }
  async commit() {
    return [];
  }
  async committed() {
    return { error: 0, offsets: [] };
  }
  async protocolOf(): Promise<string> {
    return this.protocol;
  }
}

const settle = async (): Promise<void> => {
  for (let round = 0; round < 12; round++) await turn();
};

const memberOf = (script: Script) => {
  const test = testContext(topicOf([1, 1, 1, 1]));
  const life = new Life(test.clock);
  const heard: string[] = [];
  let moves = 0;
  let release = (): void => {};
  const failed: Status[] = [];
  const membership = new Membership({
    context: test.context,
    calls: script,
    life,
    coordinator: { link: async () => new FakeLink(), groupLink: async () => new FakeLink(), moved: () => void moves++, close() {} },
    group: "g",
    topics: ["t"],
    assigned: (of) => heard.push(`assigned ${text(of)}`),
    revoked: (of) => {
      heard.push(`revoked ${text(of)}`);
      return new Promise((resolve) => {
        release = () => resolve();
      });
    },
    lost: (of) => heard.push(`lost ${text(of)}`),
    failed: (status) => failed.push(status),
  });
  const running = membership.run();
  /** Lets time pass in steps of a heartbeat. */
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += HEARTBEAT_MS) {
      test.clock.advance(HEARTBEAT_MS);
      await settle();
    }
  };
  const end = async (): Promise<void> => {
    life.end();
    await running;
    assert.equal(test.clock.armed, 0);
  };
  return { ...test, membership, heard, failed, pass, end, release: () => release(), moves: () => moves };
};

test("a member that is told its id joins with it, and is given its partitions", async () => {
  const script = new Script();
  script.joins = [{ error: 79, id: "m1" }, {}];
  script.syncs = [partitions(0, 1)];
  const { heard, membership, end } = memberOf(script);
  await settle();
  assert.deepEqual(script.said, ["join '' owning [] of -1", "join 'm1' owning [] of -1", "sync 'm1' of 1"]);
  assert.deepEqual(heard, ["assigned 0,1"]);
  assert.deepEqual(membership.identity, { protocol: "classic", group: "g", id: "m1", generation: 1, instance: null });
  await end();
});

test("the leader shares out among all members, as many partitions as the topic has", async () => {
  const script = new Script();
  const subscription = encodeSubscription({ topics: ["t"], owned: [], generation: -1 });
  script.joins = [
    {
      leads: true,
      members: [
        { id: "m1", subscription },
        { id: "m2", subscription },
      ],
    },
  ];
  const { end } = memberOf(script);
  await settle();
  const sizes = [...script.given].map(([id, assignment]) => [id, decodeAssignment(assignment).length]);
  assert.deepEqual(sizes, [
    ["m1", 2],
    ["m2", 2],
  ]);
  await end();
});

test("what is revoked is still claimed until it is released; then it joins again without it", async () => {
  const script = new Script();
  script.joins = [{}, { generation: 2 }, { generation: 3 }];
  script.syncs = [partitions(0, 1, 2, 3), partitions(0, 1), partitions(0, 1)];
  script.beats = [27, 27, 27];
  const { pass, heard, release, end } = memberOf(script);
  await settle();
  await pass(HEARTBEAT_MS);
  assert.deepEqual(heard, ["assigned 0,1,2,3", "revoked 2,3"]);
  await pass(HEARTBEAT_MS);
  assert.equal(script.said.at(-1), "beat", "it waits for the release, and its session goes on");
  release();
  await settle();
  assert.ok(script.said.includes("join 'm1' owning [0,1] of 2"));
  assert.deepEqual(heard, ["assigned 0,1,2,3", "revoked 2,3"]);
  await end();
});

test("during a rebalance it joins with what it has, keeps it, and gets what is new", async () => {
  const script = new Script();
  script.joins = [{}, { generation: 2 }];
  script.syncs = [partitions(0), partitions(0, 3)];
  script.beats = [0, 27];
  const { pass, heard, end } = memberOf(script);
  await settle();
  await pass(2 * HEARTBEAT_MS);
  assert.ok(script.said.includes("join 'm1' owning [0] of 1"));
  assert.deepEqual(heard, ["assigned 0", "assigned 3"]);
  await end();
});

for (const [error, id] of [
  [25, ""],
  [22, "m1"],
] as const)
  test(`a member that the group casts out (${error}) loses everything at once and joins anew`, async () => {
    const script = new Script();
    script.joins = [{}, { generation: 9 }];
    script.syncs = [partitions(0, 1), partitions(1)];
    script.beats = [error];
    const { pass, heard, end } = memberOf(script);
    await settle();
    await pass(HEARTBEAT_MS);
    assert.deepEqual(heard, ["assigned 0,1", "lost 0,1", "assigned 1"]);
    assert.ok(script.said.includes(`join '${id}' owning [] of -1`));
    await end();
  });

test("a coordinator that cannot be reached, or is another now, takes nothing away", async () => {
  const script = new Script();
  script.joins = [{}];
  script.syncs = [partitions(0)];
  script.beats = [new Error("Connection closed"), 16, 0, 0];
  const { pass, heard, moves, end } = memberOf(script);
  await settle();
  await pass(8 * HEARTBEAT_MS);
  assert.equal(moves(), 2);
  assert.deepEqual(heard, ["assigned 0"]);
  assert.equal(script.said.filter((said) => said.startsWith("join")).length, 1);
  assert.ok(script.said.filter((said) => said === "beat").length >= 4);
  await end();
});

test("a lost connection while joining is tried again, with what it is", async () => {
  const script = new Script();
  script.joins = [new Error("Connection closed"), { error: 15 }, {}];
  script.syncs = [27, partitions(0)];
  script.joins.push({ generation: 2 });
  const { pass, heard, end } = memberOf(script);
  await settle();
  await pass(4 * HEARTBEAT_MS);
  assert.deepEqual(heard, ["assigned 0"]);
  await end();
});

test("a group that the original holds is said to be just that, and tried again", async () => {
  const script = new Script();
  script.joins = [{ error: 23 }, {}];
  script.syncs = [partitions(0)];
  script.protocol = "rebalance";
  const { pass, heard, runtime, end } = memberOf(script);
  await settle();
  assert.match(runtime.lines.join(""), /group 'g' is still held by the original's members \(protocol rebalance\)/);
  await pass(HEARTBEAT_MS);
  assert.deepEqual(heard, ["assigned 0"]);
  await end();
});

test("a group that may not be used ends the membership, with an event", async () => {
  const script = new Script();
  script.joins = [{ error: 30 }];
  const { failed, runtime } = memberOf(script);
  await settle();
  assert.deepEqual(
    failed.map(({ code }) => code),
    [Code.PERMISSION_DENIED],
  );
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.kafka.group.authorization.failed"],
  );
});

test("the leader joins again when a topic has got partitions; others do not", async () => {
  for (const leads of [true, false]) {
    const script = new Script();
    const subscription = encodeSubscription({ topics: ["t"], owned: [], generation: -1 });
    script.joins = [{ leads, members: [{ id: "m1", subscription }] }, { generation: 2 }];
    script.syncs = [partitions(0), partitions(0)];
    const { show, end } = memberOf(script);
    await settle();
    show(topicOf([1, 1, 1, 1, 1]));
    await settle();
    assert.equal(script.said.filter((said) => said.startsWith("join")).length, leads ? 2 : 1);
    await end();
  }
});

test("leaving says so, once it is known", async () => {
  const script = new Script();
  script.joins = [{}];
  const { membership, end } = memberOf(script);
  await membership.leave();
  assert.ok(!script.said.includes("leave"));
  await settle();
  await membership.leave();
  assert.equal(script.said.at(-1), "leave");
  await end();
});
