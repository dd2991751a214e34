// ShareAcknowledge (79), versions 1 and 2: what became of records that a member of a share group was given (KIP-932): accepted, released,
// rejected, kept for longer (KIP-1222), or not there. Answered when it is durable.
import {
  shareAcknowledge as api,
  type ShareAcknowledgeRequest,
  type ShareAcknowledgeResponse,
} from "../kafka/wire/api/79-share-acknowledge.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { checkGroup } from "./groups/asking.ts";
import { type AckAnswer, acknowledge, acksOf } from "./share/acknowledging.ts";
import { BEGINS, ENDS, targetKey } from "./share/share-sessions.ts";

const refused = (errorCode: number, errorMessage: string | null): ShareAcknowledgeResponse => ({
  ...{ throttleTimeMs: 0, errorCode, errorMessage, acquisitionLockTimeoutMs: 0, responses: [], nodeEndpoints: [] },
});

const responses = ({ topics }: ShareAcknowledgeRequest, answers: ReadonlyMap<string, AckAnswer>): ShareAcknowledgeResponse["responses"] =>
  topics
    .map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.flatMap(({ partitionIndex }) => {
        const answer = answers.get(targetKey({ topicId, partition: partitionIndex }));
        if (!answer) return [];
        const { errorCode, errorMessage } = answer;
        return [{ partitionIndex, errorCode, errorMessage, currentLeader: { leaderId: 0, leaderEpoch: 0 } }];
      }),
    }))
    .filter(({ partitions }) => partitions.length > 0);

export const shareAcknowledge: BrokerApi<ShareAcknowledgeRequest, ShareAcknowledgeResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const { groupId, memberId, shareSessionEpoch, isRenewAck, topics } = request;
    if (groupId === null || memberId === null) throw new BrokerError("INVALID_REQUEST", "there is no group or no member");
    checkGroup(context, "read", groupId);
    if (shareSessionEpoch === BEGINS) throw new BrokerError("INVALID_SHARE_SESSION_EPOCH", "a session begins with a fetch");
    const { shares, shareSessions } = context.broker;
    const session = shareSessions.next(groupId, memberId, shareSessionEpoch);
    const answers = await acknowledge(acksOf(topics), isRenewAck ? "renewing" : "plain", { session, context });
    if (shareSessionEpoch === ENDS) shareSessions.end(session);
    return {
      ...refused(ErrorCode.NONE, null),
      acquisitionLockTimeoutMs: shares.terms(groupId).lockMs,
      responses: responses(request, answers),
    };
  },
  refuse: (_request, { code, message }) => refused(code, message),
};
