// The settings of a group, with Apache Kafka's defaults; what a group does with them is the group's business.
import type { ConfigDefinition } from "./definition.ts";

export const GROUP_CONFIGS: readonly ConfigDefinition[] = [
  {
    name: "consumer.heartbeat.interval.ms",
    type: "int",
    fallback: "5000",
    min: 5_000,
    max: 15_000,
    about: "How often members of the consumer protocol are heard from.",
  },
  {
    name: "consumer.session.timeout.ms",
    type: "int",
    fallback: "45000",
    min: 45_000,
    max: 60_000,
    about: "A member of the consumer protocol that is silent for so long is gone.",
  },
  {
    name: "share.auto.offset.reset",
    type: "string",
    fallback: "latest",
    about: "Where a share group begins: latest, earliest, or by_duration: and an ISO 8601 duration.",
  },
  {
    name: "share.heartbeat.interval.ms",
    type: "int",
    fallback: "5000",
    min: 5_000,
    max: 15_000,
    about: "How often members of a share group are heard from.",
  },
  {
    name: "share.isolation.level",
    type: "string",
    fallback: "read_uncommitted",
    allowed: ["read_committed", "read_uncommitted"],
    about: "Whether a share group sees records of open transactions.",
  },
  {
    name: "share.record.lock.duration.ms",
    type: "int",
    fallback: "30000",
    min: 15_000,
    max: 60_000,
    about: "How long a member of a share group has for a record.",
  },
  {
    name: "share.session.timeout.ms",
    type: "int",
    fallback: "45000",
    min: 45_000,
    max: 60_000,
    about: "A member of a share group that is silent for so long is gone.",
  },
];

const BY_NAME = new Map(GROUP_CONFIGS.map((definition) => [definition.name, definition]));

export const groupConfig = (name: string): ConfigDefinition | undefined => BY_NAME.get(name);
