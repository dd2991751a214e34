// Reads what a share fetch asks for: waits until there is something that can be given, and then gives it, partition after partition, within
// the records and bytes that the member wants.
import { ErrorCode } from "../../kafka/wire/errors.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import { type Listenable, Watch } from "../fetch/watch.ts";
import { factsOf } from "../storage/batch-facts.ts";
import type { Isolation, ReadResult } from "../storage/log-results.ts";
import type { PartitionLog } from "../storage/partition-log.ts";
import { isHidden } from "./hidden.ts";
import type { LivePartition } from "./live-partition.ts";
import type { Acquired, ReadBatch } from "./share-partition.ts";
import type { ShareSession, ShareTarget } from "./share-sessions.ts";

/** How a session reads. */
export interface ShareReading {
  readonly context: RequestContext;
  readonly session: ShareSession;
  readonly isolation: Isolation;
  readonly waitMs: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly recordsMax: number;
  readonly batchSize: number;
  readonly cut: "whole" | "strict";
}

export interface ShareRead {
  readonly target: ShareTarget;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly records: readonly Uint8Array[];
  readonly acquired: readonly Acquired[];
}

/** What was read of a partition, and not given yet. */
interface Ready {
  readonly target: ShareTarget;
  readonly live: LivePartition;
  readonly log: PartitionLog;
  readonly read: ReadResult | undefined;
}
type Looked = Ready | (ShareRead & { readonly live?: undefined });

const MIN_READ_BYTES = 1;

const nothing = (target: ShareTarget, errorCode: number = ErrorCode.NONE, errorMessage: string | null = null): ShareRead => ({
  ...{ target, errorCode, errorMessage, records: [], acquired: [] },
});

/** The log of a partition. Throws a BrokerError. */
export const shareLogOf = ({ topicId, partition }: ShareTarget, { broker, client }: RequestContext): PartitionLog => {
  const topic = broker.topics.byId(topicId);
  if (!topic) throw new BrokerError("UNKNOWN_TOPIC_ID");
  if (!broker.access.allows(client, "read", { type: "topic", name: topic.name })) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  return broker.topics.partitionOf(topic, partition);
};

const lookAt = async (target: ShareTarget, bytesMax: number, reading: ShareReading): Promise<Looked> => {
  const { context, session, isolation } = reading;
  try {
    const log = shareLogOf(target, context);
    const live = await context.broker.shares.states.live({ group: session.group, ...target }, log);
    live.trim(log.startOffset);
    const isReadable = live.hasRoom && live.next <= log.endOffset && bytesMax > 0;
    const read = isReadable ? await log.read(live.next, { bytesMax: Math.max(bytesMax, MIN_READ_BYTES), isolation }) : undefined;
    return { target, live, log, read };
  } catch (reason) {
    if (reason instanceof BrokerError) return nothing(target, reason.code, reason.message);
    context.broker.log.error("a share partition could not be read", { ...target }, reason);
    return nothing(target, ErrorCode.UNKNOWN_SERVER_ERROR);
  }
};

const lookAtAll = async (reading: ShareReading): Promise<readonly Looked[]> => {
  const all: Looked[] = [];
  let bytes = 0;
  for (const target of [...reading.session.targets.values()]) {
    const looked = await lookAt(target, reading.bytesMax - bytes, reading);
    bytes += looked.live ? (looked.read?.bytes ?? 0) : 0;
    all.push(looked);
  }
  return all;
};

/** Gives to the member what was read and nobody else has. `left`: how many records it still wants. */
const give = ({ target, live, read }: Ready, left: number, { session, cut, batchSize }: ShareReading): ShareRead => {
  if (!read || left <= 0) return nothing(target);
  const batches: ReadBatch[] = read.batches.map((bytes) => {
    const facts = factsOf(bytes);
    return { first: facts.baseOffset, last: facts.lastOffset, isHidden: isHidden(facts, read.aborted) };
  });
  const acquired = live.acquire({ member: session.member, batches, most: left, cut, batchSize });
  return { ...nothing(target), records: givenOf(read.batches, batches, acquired), acquired };
};

/** The batches of which something was acquired; all are in order. */
const givenOf = (all: readonly Uint8Array[], batches: readonly ReadBatch[], acquired: readonly Acquired[]): readonly Uint8Array[] => {
  const given: Uint8Array[] = [];
  let at = 0;
  for (const [index, { first, last, isHidden: hidden }] of batches.entries()) {
    while ((acquired[at]?.last ?? Number.POSITIVE_INFINITY) < first) at += 1;
    const one = acquired[at];
    if (!one) break;
    const bytes = all[index];
    if (bytes && !hidden && one.first <= last) given.push(bytes);
  }
  return given;
};

interface Given {
  readonly all: readonly ShareRead[];
  readonly hasSomething: boolean;
  /** Nothing was given, but there may be something behind what nobody is to see. */
  readonly movedOn: boolean;
}

/** All at once: nobody else is given anything in between. */
const giveAll = (looked: readonly Looked[], reading: ShareReading): Given => {
  const all: ShareRead[] = [];
  let left = reading.recordsMax;
  let movedOn = false;
  for (const one of looked) {
    const before = one.live?.end;
    const given = one.live ? give(one, left, reading) : one;
    left -= given.acquired.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    movedOn ||= one.live !== undefined && one.live.end !== before;
    all.push(given);
  }
  const hasSomething = all.some(({ acquired, errorCode }) => acquired.length > 0 || errorCode !== ErrorCode.NONE);
  return { all, hasSomething, movedOn: movedOn && !hasSomething };
};

const isEnough = (looked: readonly Looked[], { bytesMin }: ShareReading): boolean => {
  const bytes = looked.reduce((sum, one) => sum + (one.live ? (one.read?.bytes ?? 0) : 0), 0);
  return bytes >= Math.max(bytesMin, MIN_READ_BYTES) || looked.some(({ live }) => !live);
};

const listenables = (looked: readonly Looked[]): Iterable<Listenable> =>
  new Set<Listenable>(looked.flatMap((one) => (one.live ? [one.live, one.log] : [])));

/** Undefined: there is nothing yet, and it is worth waiting. */
const attempt = async (
  looked: readonly Looked[],
  reading: ShareReading,
  isLast: () => boolean,
): Promise<readonly ShareRead[] | undefined> => {
  for (let now = looked; ; now = await lookAtAll(reading)) {
    if (reading.session.isOver) return [];
    if (!isLast() && !isEnough(now, reading)) return undefined;
    const given = giveAll(now, reading);
    if (given.hasSomething || (isLast() && !given.movedOn)) return rotated(given.all, reading);
    if (!given.movedOn) return undefined;
  }
};

/** Nothing is given to a session that is over meanwhile. */
export const readShares = async (reading: ShareReading): Promise<readonly ShareRead[]> => {
  const first = await lookAtAll(reading);
  const early = await attempt(first, reading, () => reading.waitMs <= 0);
  if (early) return early;
  const watch = new Watch(listenables(first), reading.waitMs, reading.context);
  try {
    for (;;) {
      const given = await attempt(await lookAtAll(reading), reading, () => watch.isOver);
      if (given) return given;
      await watch.change();
    }
  } finally {
    watch.close();
  }
};

/** Whoever was given something comes last the next time. */
const rotated = (all: readonly ShareRead[], { session }: ShareReading): readonly ShareRead[] => {
  for (const { target, acquired } of all) {
    const key = `${target.topicId}/${target.partition}`;
    if (acquired.length > 0 && session.targets.delete(key)) session.targets.set(key, target);
  }
  return all;
};
