// How a group's members share its partitions, as the broker tells a foreign client.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import kafkajs from "kafkajs";

const WAIT_MS = 40_000;
const BETWEEN_LOOKS_MS = 50;

/** Looks until it is so; each look asks a broker. */
export const until = async (what: string, is: () => Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + WAIT_MS; !(await is()); await setTimeout(BETWEEN_LOOKS_MS))
    assert.ok(Date.now() < end, `${what}: not within ${WAIT_MS} ms`);
};

const sharesOf = async (bootstrap: string, group: string): Promise<readonly number[]> => {
  const admin = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const [described] = (await admin.describeGroups([group])).groups;
    if (described?.state !== "Stable") return [];
    const shares = described.members.map(({ memberAssignment }) => {
      const decoded = memberAssignment.length > 0 ? kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment) : null;
      return Object.values(decoded?.assignment ?? {}).flat().length;
    });
    return shares.sort((one, other) => one - other);
  } finally {
    await admin.disconnect();
  }
};

/** Whether the group is stable, and its members have so many partitions. */
export const isShared =
  (bootstrap: string, group: string, ...shares: readonly number[]): (() => Promise<boolean>) =>
  async () =>
    (await sharesOf(bootstrap, group)).join() === shares.join();
