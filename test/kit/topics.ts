// Topics and committed offsets, for tests: made and looked at through the library's admin client.
import { Admin } from "@platformatic/kafka";

const withAdmin = async <T>(bootstrap: string, use: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = new Admin({ clientId: "sluice-tests", bootstrapBrokers: [bootstrap] });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
};

export interface TopicOptions {
  readonly partitions: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** Creates what is not there yet, name → partitions; resolves when the brokers' metadata know them. */
export const createTopics = (bootstrap: string, topics: Readonly<Record<string, number | TopicOptions>>): Promise<void> =>
  withAdmin(bootstrap, async (admin) => {
    const there = new Set(await admin.listTopics());
    const wanted = Object.entries(topics).filter(([name]) => !there.has(name));
    for (const [topic, of] of wanted) {
      const { partitions, config = {} } = typeof of === "number" ? { partitions: of } : of;
      const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [{ topic, partitions, replicas: 1 }], configs });
    }
    if (wanted.length > 0) await admin.metadata({ topics: wanted.map(([name]) => name), forceUpdate: true });
  });

export const listTopics = (bootstrap: string): Promise<string[]> =>
  withAdmin(bootstrap, async (admin) => (await admin.listTopics()).filter((topic) => !topic.startsWith("__")).sort());

/** Gives a topic more partitions, so many in all. */
export const growTopic = (bootstrap: string, topic: string, partitions: number): Promise<void> =>
  withAdmin(bootstrap, (admin) => admin.createPartitions({ topics: [{ name: topic, count: partitions }] }));

export const deleteTopics = (bootstrap: string, topics: readonly string[]): Promise<void> =>
  withAdmin(bootstrap, (admin) => admin.deleteTopics({ topics: [...topics] }));

/** Deletes what is below that offset, as retention does. */
export const deleteRecords = (bootstrap: string, topic: string, before: ReadonlyMap<number, number>): Promise<void> =>
  withAdmin(bootstrap, async (admin) => {
    const partitions = [...before].map(([partition, offset]) => ({ partition, offset: BigInt(offset) }));
    await admin.deleteRecords({ topics: [{ name: topic, partitions }] });
  });

/** What a group has committed of a partition. */
export interface Committed {
  readonly offset: number;
  /** The text beside it; empty where there is none. */
  readonly metadata: string;
}

/** The commit of each partition of `topic`, by partition; a hole where the group has none. */
export const commitsOf = (bootstrap: string, group: string, topic: string): Promise<readonly (Committed | undefined)[]> =>
  withAdmin(bootstrap, async (admin) => {
    const groups = await admin.listConsumerGroupOffsets({ groups: [group] });
    const found = groups[0]?.topics.find(({ name }) => name === topic);
    const commits: (Committed | undefined)[] = [];
    for (const { partitionIndex, committedOffset, metadata } of found?.partitions ?? []) {
      if (committedOffset >= 0n) commits[partitionIndex] = { offset: Number(committedOffset), metadata: metadata ?? "" };
    }
    return commits;
  });

/** The committed offset of each partition of `topic`, by partition; a hole where the group has none. */
export const committedOffsets = async (bootstrap: string, group: string, topic: string): Promise<readonly (number | undefined)[]> =>
  (await commitsOf(bootstrap, group, topic)).map((commit) => commit?.offset);
