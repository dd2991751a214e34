// The Apache Kafka of the game: with the features that a broker has which is formatted by Kafka's own tool, and with groups that are shared
// out as soon as there is a reason, since that tells the same each time.
import type { KafkaOptions } from "../../kafka-server/server.ts";

export const GAME_KAFKA: KafkaOptions = {
  features: { "group.version": 1, "share.version": 1, "transaction.version": 2 },
  properties: { "group.consumer.assignment.interval.ms": "0", "group.share.assignment.interval.ms": "0" },
};
