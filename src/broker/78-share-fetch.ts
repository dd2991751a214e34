// ShareFetch (78), versions 1 and 2: records of partitions that a share group reads (KIP-932), each given to one member at a time, together
// with acknowledgements of earlier ones; sessions, long polls, and records that are kept for longer (KIP-1222).
// Not here: throttling; that records which came back often are given alone. Markers of transactions are given to nobody.
import { shareFetch as api, type ShareFetchRequest, type ShareFetchResponse } from "../kafka/wire/api/78-share-fetch.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { checkGroup } from "./groups/asking.ts";
import { type AckAnswer, acknowledge, acksOf } from "./share/acknowledging.ts";
import { readShares, type ShareRead } from "./share/share-reading.ts";
import { BEGINS, ENDS, type ShareSession, targetKey } from "./share/share-sessions.ts";

type PartitionAnswer = ShareFetchResponse["responses"][number]["partitions"][number];

/** Records are cut off at the number wanted, not at the end of a batch. */
const RECORD_LIMIT = 1;

interface Named {
  readonly groupId: string;
  readonly memberId: string;
}

/** Throws a BrokerError. */
const checked = (request: ShareFetchRequest): Named => {
  const { groupId, memberId, shareSessionEpoch, isRenewAck, topics, maxWaitMs, minBytes, maxBytes, maxRecords } = request;
  if (groupId === null || memberId === null) throw new BrokerError("INVALID_REQUEST", "there is no group or no member");
  const hasAcks = topics.some(({ partitions }) => partitions.some(({ acknowledgementBatches }) => acknowledgementBatches.length > 0));
  if (shareSessionEpoch === BEGINS && hasAcks) throw new BrokerError("INVALID_REQUEST", "a session that begins has nothing to acknowledge");
  const reads = maxWaitMs > 0 || minBytes > 0 || maxBytes > 0 || maxRecords > 0;
  if (isRenewAck && reads) throw new BrokerError("INVALID_REQUEST", "who renews does not read");
  return { groupId, memberId };
};

const sessionOf = (request: ShareFetchRequest, { groupId, memberId }: Named, { broker, client }: RequestContext): ShareSession => {
  const { shareSessionEpoch, topics, forgottenTopicsData } = request;
  const { shareSessions } = broker;
  const begins = shareSessionEpoch === BEGINS;
  const session = begins ? shareSessions.begin(groupId, memberId, client) : shareSessions.next(groupId, memberId, shareSessionEpoch);
  if (shareSessionEpoch === ENDS) return session;
  for (const { topicId, partitions } of topics)
    for (const { partitionIndex } of partitions) {
      const target = { topicId, partition: partitionIndex };
      if (!session.targets.has(targetKey(target))) session.targets.set(targetKey(target), target);
    }
  for (const { topicId, partitions } of forgottenTopicsData)
    for (const partition of partitions) session.targets.delete(targetKey({ topicId, partition }));
  return session;
};

const read = (request: ShareFetchRequest, session: ShareSession, context: RequestContext): Promise<readonly ShareRead[]> => {
  const { maxWaitMs, minBytes, maxBytes, maxRecords, batchSize, shareAcquireMode, shareSessionEpoch, isRenewAck } = request;
  if (shareSessionEpoch === ENDS || isRenewAck) return Promise.resolve([]);
  const { settings, shares } = context.broker;
  return readShares({
    ...{ context, session, waitMs: maxWaitMs, bytesMin: minBytes, recordsMax: maxRecords, batchSize },
    isolation: shares.terms(session.group).isolation,
    bytesMax: Math.min(maxBytes, settings.number("fetch.max.bytes")),
    cut: shareAcquireMode === RECORD_LIMIT ? "strict" : "whole",
  });
};

const partitionAnswer = (partitionIndex: number, of: ShareRead | undefined, acks: AckAnswer | undefined): PartitionAnswer => ({
  partitionIndex,
  errorCode: of?.errorCode ?? ErrorCode.NONE,
  errorMessage: of?.errorMessage ?? null,
  acknowledgeErrorCode: acks?.errorCode ?? ErrorCode.NONE,
  acknowledgeErrorMessage: acks?.errorMessage ?? null,
  currentLeader: { leaderId: 0, leaderEpoch: 0 },
  records: of?.records ?? [],
  acquiredRecords: (of?.acquired ?? []).map(({ first, last, deliveries }) => ({
    firstOffset: first,
    lastOffset: last,
    deliveryCount: deliveries,
  })),
});

interface Done {
  readonly reads: readonly ShareRead[];
  readonly acks: ReadonlyMap<string, AckAnswer>;
}

/** A session that begins hears of all its partitions, later ones of those of which there is something to say. */
const responses = (shareSessionEpoch: number, { reads, acks }: Done): ShareFetchResponse["responses"] => {
  const byKey = new Map(reads.map((of) => [targetKey(of.target), of]));
  const isTold = ({ errorCode, acquired }: ShareRead): boolean => shareSessionEpoch === BEGINS || errorCode !== 0 || acquired.length > 0;
  const targets = new Map([
    ...reads.filter(isTold).map(({ target }) => [targetKey(target), target] as const),
    ...[...acks.values()].map(({ target }) => [targetKey(target), target] as const),
  ]);
  const byTopic = Map.groupBy(targets, ([, { topicId }]) => topicId);
  return [...byTopic].map(([topicId, all]) => ({
    topicId,
    partitions: all.map(([key, { partition }]) => partitionAnswer(partition, byKey.get(key), acks.get(key))),
  }));
};

const refused = (errorCode: number, errorMessage: string | null): ShareFetchResponse => ({
  ...{ throttleTimeMs: 0, errorCode, errorMessage, acquisitionLockTimeoutMs: 0, responses: [], nodeEndpoints: [] },
});

export const shareFetch: BrokerApi<ShareFetchRequest, ShareFetchResponse> = {
  api,
  versions: api.versions,
  missing: "records that came back often are given with others",
  async handle(request, context) {
    const named = checked(request);
    checkGroup(context, "read", named.groupId);
    const session = sessionOf(request, named, context);
    const { shares, shareSessions } = context.broker;
    const kind = request.isRenewAck ? "renewing" : "plain";
    const acknowledged = acknowledge(acksOf(request.topics), kind, { session, context });
    const [acks, reads] = await Promise.all([acknowledged, read(request, session, context)]);
    if (request.shareSessionEpoch === ENDS) shareSessions.end(session);
    return {
      ...refused(ErrorCode.NONE, null),
      acquisitionLockTimeoutMs: shares.terms(session.group).lockMs,
      responses: responses(request.shareSessionEpoch, { reads, acks }),
    };
  },
  refuse: (_request, { code, message }) => refused(code, message),
};
