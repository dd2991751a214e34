// What the APIs of the state of share groups have in common: partitions by topic, and what is known of single offsets.
import { array, int8, int16, int32, int64, nullableString, struct, type Type, uuid } from "../type.ts";

export const stateBatch = struct("StateBatch", {
  firstOffset: int64,
  lastOffset: int64,
  deliveryState: int8,
  deliveryCount: int16,
});

/** What became of one partition; some tell more. */
export const stateResult = {
  partition: int32,
  errorCode: int16,
  errorMessage: nullableString,
};

/** The fields of a topic with its partitions. */
export const stateTopic = <T>(partition: Type<T>) => ({ topicId: uuid, partitions: array(partition) });
