// Where a fetch begins: what a `From` means in offsets, asked of the leaders, and fixed before anything is read.
import { StatusError } from "../../core/status.ts";
import type { From, Isolation, Position } from "../../ports/kafka.ts";
import { kafkaError, kafkaStatus } from "../wire/errors.ts";
import { EARLIEST, LATEST, type ListOffsetsPartition } from "../wire/list-offsets.ts";
import { backoffMs } from "./backoff.ts";
import { askOffsets, type TopicView } from "./calls.ts";
import type { ClientContext } from "./context.ts";
import type { Life } from "./life.ts";

const TOPIC_AUTHORIZATION_FAILED = 29;

/** The offset of a partition that a From names: EARLIEST, LATEST, an offset, or a time. */
export type Asked = { readonly offset: number } | { readonly timestampMs: number };

const isTime = (from: From): from is { readonly timestampMs: number } => typeof from === "object" && "timestampMs" in from;

export const askedOf = (from: From, partition: number): Asked => {
  if (from === "earliest") return { offset: EARLIEST };
  if (from === "latest") return { offset: LATEST };
  if (isTime(from)) return from;
  return { offset: from.get(partition) ?? from.get(-1) ?? EARLIEST };
};

/** What a reader's progress says of a partition before anything of it was reached. */
export const unreached = (asked: Asked, start: number): number => ("offset" in asked && asked.offset === EARLIEST ? EARLIEST : start);

export interface OffsetsWanted {
  readonly topic: string;
  readonly isolation: Isolation;
  /** By partition. */
  readonly asked: ReadonlyMap<number, Asked>;
}

/**
 * Settles when the leaders of all partitions have answered, however long that takes; rejects when they refuse. Offsets that were named
 * are taken as they are.
 */
export const resolveOffsets = async (context: ClientContext, life: Life, wanted: OffsetsWanted): Promise<Position> => {
  const found = new Map<number, number>();
  const open = new Map<number, number>();
  for (const [partition, asked] of wanted.asked) {
    if ("timestampMs" in asked) open.set(partition, asked.timestampMs);
    else if (asked.offset < 0) open.set(partition, asked.offset);
    else found.set(partition, asked.offset);
  }
  for (let failures = 0; open.size > 0 && !life.over; ) {
    const topic = await life.until(context.metadata.resolve(wanted.topic));
    const asking = [...byLeader(topic, open)].map(([leader, partitions]) =>
      askLeader(context, wanted, { leader, partitions, open, found }),
    );
    const answered = await Promise.all(asking);
    if (open.size === 0 || (answered.length > 0 && answered.every((well) => well))) continue;
    failures += 1;
    await life.wait(backoffMs(failures));
    await life.until(context.metadata.refresh());
  }
  return found;
};

/** Partitions without a leader are left out: they are asked for again. */
const byLeader = (topic: TopicView, open: ReadonlyMap<number, number>): ReadonlyMap<number, ListOffsetsPartition[]> => {
  const leaders = new Map<number, ListOffsetsPartition[]>();
  for (const [partition, timestampMs] of open) {
    const view = topic.partitions[partition];
    if (view === undefined || view.leader < 0) continue;
    const of = leaders.get(view.leader) ?? [];
    of.push({ partition, leaderEpoch: view.leaderEpoch, timestampMs });
    leaders.set(view.leader, of);
  }
  return leaders;
};

interface Asking {
  readonly leader: number;
  readonly partitions: readonly ListOffsetsPartition[];
  readonly open: Map<number, number>;
  readonly found: Map<number, number>;
}

/** Whether all of them were answered; some may have to be asked for the end now. */
const askLeader = async (context: ClientContext, { topic, isolation }: OffsetsWanted, asking: Asking): Promise<boolean> => {
  const { leader, partitions, open, found } = asking;
  let answers: Awaited<ReturnType<typeof askOffsets>>;
  try {
    answers = await askOffsets(await context.brokers.link(leader, "admin"), { topic, isolation, partitions });
  } catch {
    return false; // The brokers say what is wrong; these partitions are asked for again.
  }
  let well = answers.length === partitions.length;
  for (const { partition, errorCode, offset } of answers) {
    if (errorCode === 0 && offset >= 0) {
      found.set(partition, offset);
      open.delete(partition);
    } else if (errorCode === 0)
      open.set(partition, LATEST); // Nothing is that late.
    else if (kafkaError(errorCode).retriable) well = false;
    else throw refused(context, topic, errorCode);
  }
  return well;
};

const refused = (context: ClientContext, topic: string, code: number): StatusError => {
  if (code === TOPIC_AUTHORIZATION_FAILED)
    context.report.trouble("topic.authorization.failed", `kafka does not let us read topic '${topic}'`);
  return new StatusError(kafkaStatus(code, `topic '${topic}'`));
};
