// What groups whose coordinator shares out have in common: partitions by the ids of their topics, as members hear of them, and with the names
// of topics too, as they are described.
import { array, int32, string, struct, uuid } from "../type.ts";

export const topicPartitions = struct("TopicPartitions", {
  topicId: uuid,
  partitions: array(int32),
});

export const assignment = struct("Assignment", {
  topicPartitions: array(topicPartitions),
});

const describedTopicPartitions = struct("TopicPartitions", {
  topicId: uuid,
  topicName: string,
  partitions: array(int32),
});

export const describedAssignment = struct("Assignment", {
  topicPartitions: array(describedTopicPartitions),
});
