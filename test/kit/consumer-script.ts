// A group of the consumer protocol that a test scripts, and a member of it.
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { Status } from "../../src/core/status.ts";
import { ConsumerMembership } from "../../src/kafka/client/consumer-membership.ts";
import type { Beaten, BeatSaid, CommitOf, GroupCalls, MemberIdentity } from "../../src/kafka/client/group-calls.ts";
import { Life } from "../../src/kafka/client/life.ts";
import type { TopicPartition } from "../../src/ports/kafka.ts";
import { TOPIC_ID, testContext, topicOf } from "./client-context.ts";
import { FakeLink } from "./fake-link.ts";

/** How often the scripted coordinator wants to hear of its members. */
export const INTERVAL_MS = 5_000;

const text = (partitions: readonly TopicPartition[]): string => partitions.map(({ partition }) => partition).join(",");
/** An assignment of these partitions of the only topic. */
export const given = (...partitions: readonly number[]): Pick<Beaten, "assignment"> => ({
  assignment: [{ topicId: TOPIC_ID, partitions }],
});

/** A coordinator that a test scripts: what heartbeats are answered with; when nothing is left, with nothing new. */
export class ConsumerScript implements GroupCalls {
  readonly said: string[] = [];
  readonly ids = new Set<string>();
  beats: (Partial<Beaten> | Error)[] = [];
  /** Errors of commits, and of fetches of what was committed. */
  commits: number[] = [];
  fetches: number[] = [];
  protocol = "";
  epoch = 0;

  async beat(_link: unknown, { id, generation, instance }: MemberIdentity, said: BeatSaid): Promise<Beaten> {
    this.ids.add(id);
    const { rebalanceTimeoutMs, topics, owned } = said;
    const full = rebalanceTimeoutMs === undefined ? "" : ` wants ${topics?.join(",")} lets go in ${rebalanceTimeoutMs}`;
    const has = owned === undefined ? "" : ` has [${owned.map(({ partitions }) => partitions.join(",")).join(" ")}]`;
    this.said.push(`${generation}${instance === null ? "" : ` ${instance}`}${full}${has}`);
    const next = this.beats.shift() ?? {};
    if (next instanceof Error) throw next;
    if (next.error === undefined) this.epoch = next.epoch ?? Math.max(this.epoch, 1);
    return { error: 0, message: "", id, epoch: this.epoch, intervalMs: INTERVAL_MS, assignment: undefined, ...next };
  }
  async coordinator() {
    return { error: 0, broker: 1 };
  }
  join(): never {
    return assert.fail("not of the consumer protocol");
  }
  sync(): never {
    return assert.fail("not of the consumer protocol");
  }
  heartbeat(): never {
    return assert.fail("not of the consumer protocol");
  }
  leave(): never {
    return assert.fail("not of the consumer protocol");
  }
  async commit(_link: unknown, { generation }: MemberIdentity, offsets: readonly CommitOf[]) {
    this.said.push(`commits at ${generation}: ${offsets.map(({ partition, offset }) => `${partition}=${offset}`).join(" ")}`);
    const error = this.commits.shift() ?? 0;
    return offsets.map(({ topic, partition }) => ({ topic, partition, error }));
  }
  async committed(_link: unknown, { generation }: MemberIdentity, partitions: readonly TopicPartition[]) {
    this.said.push(`asks at ${generation} for ${text(partitions)}`);
    const error = this.fetches.shift() ?? 0;
    return { error, offsets: partitions.map(({ topic, partition }) => ({ topic, partition, error: 0, offset: -1, metadata: null })) };
  }
  async protocolOf(): Promise<string> {
    return this.protocol;
  }
}

export const settle = async (): Promise<void> => {
  for (let round = 0; round < 12; round++) await turn();
};

export const memberOf = (script: ConsumerScript, more: { readonly instance?: string } = {}) => {
  const test = testContext(topicOf([1, 1, 1, 1]));
  const life = new Life(test.clock);
  const heard: string[] = [];
  let moves = 0;
  const releases: (() => void)[] = [];
  const failed: Status[] = [];
  const membership = new ConsumerMembership({
    ...{ context: test.context, calls: script, life, group: "g", topics: ["t"], ...more },
    coordinator: { link: async () => new FakeLink(), groupLink: () => assert.fail("nothing waits"), moved: () => void moves++, close() {} },
    assigned: (of) => heard.push(`assigned ${text(of)}`),
    revoked: (of) => {
      heard.push(`revoked ${text(of)}`);
      return new Promise((resolve) => releases.push(resolve));
    },
    lost: (of) => heard.push(`lost ${text(of)}`),
    failed: (status) => failed.push(status),
  });
  const running = membership.run();
  const pass = async (ms: number, stepMs = 1_000): Promise<void> => {
    for (let step = 0; step < ms; step += stepMs) {
      test.clock.advance(stepMs);
      await settle();
    }
  };
  const end = async (): Promise<void> => {
    life.end();
    await running;
    assert.equal(test.clock.armed, 0);
  };
  const release = async (): Promise<void> => {
    releases.shift()?.();
    await settle();
  };
  return { ...test, membership, heard, failed, pass, end, release, moves: () => moves };
};
