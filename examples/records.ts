// The records of a topic as another program sees them: read through a Kafka client's library, and printed one line each.
import { Consumer } from "@platformatic/kafka";

const BYTES_MAX = 1_048_576;
const PREVIEW_BYTES = 60;

/** A text as it is, other bytes in hex; null is Kafka's null, which ends a call. */
const shown = (bytes: Uint8Array | null | undefined): string => {
  if (bytes === null || bytes === undefined) return "null";
  const text = Buffer.from(bytes).toString("utf8");
  const preview = /^[\x20-\x7e]*$/.test(text) ? text : `0x${Buffer.from(bytes).toString("hex")}`;
  return preview.length > PREVIEW_BYTES ? `${preview.slice(0, PREVIEW_BYTES)}…` : preview;
};

interface ShownRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [Uint8Array | null, Uint8Array | null])[];
}

const lineOf = (topic: string, offset: bigint, { key, value, headers }: ShownRecord): string => {
  const pairs = headers.map(([name, content]) => `${shown(name)}=${shown(content)}`);
  return `  ${topic} ${offset}  key ${shown(key)}  value ${shown(value)}\n      ${pairs.join("  ")}`;
};

/** What the first partition of each topic holds. */
export const recordLines = async (bootstrap: string, topics: readonly string[]): Promise<readonly string[]> => {
  const consumer = new Consumer({ clientId: "show", groupId: "show", bootstrapBrokers: [bootstrap] });
  try {
    const metadata = await consumer.metadata({ topics: [...topics] });
    const lines: string[] = [];
    for (const topic of topics) {
      const known = metadata.topics.get(topic);
      if (!known) continue;
      const partition = { partition: 0, fetchOffset: 0n, partitionMaxBytes: BYTES_MAX, currentLeaderEpoch: 0, lastFetchedEpoch: -1 };
      const fetched = await consumer.fetch({ node: known.partitions[0]!.leader, topics: [{ topicId: known.id, partitions: [partition] }] });
      for (const { firstOffset, records } of fetched.responses[0]?.partitions[0]?.records ?? [])
        for (const record of records) lines.push(lineOf(topic, firstOffset + BigInt(record.offsetDelta), record));
    }
    return lines;
  } finally {
    await consumer.close();
  }
};
