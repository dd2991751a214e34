// The two of the game: Apache Kafka with the features that a broker has which is formatted by its own tool, with rules of access, and with groups
// that are shared out as soon as there is a reason, since that tells the same each time; and the broker that is to be like it.
import type { BrokerOptions } from "../../../src/broker/options.ts";
import type { KafkaOptions } from "../../kafka-server/server.ts";

export const GAME_KAFKA: KafkaOptions = {
  features: { "group.version": 1, "share.version": 1, "transaction.version": 2 },
  properties: {
    "group.consumer.assignment.interval.ms": "0",
    "group.share.assignment.interval.ms": "0",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
    "super.users": "User:ANONYMOUS",
  },
};

/** Whom no rule concerns may do everything. */
export const GAME_BROKER: BrokerOptions = { autoCreate: false, withoutAcl: "allowed" };
