// What Kafka's codes mean to a member of a group, whichever protocol it speaks and whatever it asked.
import { ErrorCode } from "../wire/errors.ts";

const ELSEWHERE: readonly number[] = [
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
];

/** The coordinator is another broker, or none at present. */
export const isElsewhere = (code: number): boolean => ELSEWHERE.includes(code);

const STALE: readonly number[] = [
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.GROUP_ID_NOT_FOUND,
  ErrorCode.FENCED_MEMBER_EPOCH,
  ErrorCode.STALE_MEMBER_EPOCH,
];

/** The group is not where who asked thinks it is: whether its partitions are still its own, only a heartbeat can tell. */
export const isStale = (code: number): boolean => STALE.includes(code);
