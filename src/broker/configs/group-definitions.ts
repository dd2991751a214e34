// The settings of a group, with Apache Kafka's defaults and bounds; what a group does with them is the group's business.
import type { ConfigDefinition, ConfigType } from "./definition.ts";

type Row = readonly [
  name: string,
  type: ConfigType,
  fallback: string,
  about: string,
  more?: Pick<ConfigDefinition, "allowed" | "min" | "max">,
];

const ROWS: readonly Row[] = [
  [
    "consumer.session.timeout.ms",
    "int",
    "45000",
    "A member of the consumer protocol that is silent for so long is gone.",
    { min: 45_000, max: 60_000 },
  ],
  [
    "consumer.assignment.interval.ms",
    "int",
    "1000",
    "How often a group of the consumer protocol is assigned anew at most.",
    { min: 0, max: 15_000 },
  ],
  [
    "share.auto.offset.reset",
    "string",
    "latest",
    "Where a share group begins: latest, earliest, or by_duration: and an ISO 8601 duration.",
  ],
  ["share.renew.acknowledge.enable", "boolean", "true", "Whether a member of a share group may ask for more time for a record."],
  ["streams.initial.rebalance.delay.ms", "int", "3000", "How long a new streams group waits for further members.", { min: 0 }],
  [
    "share.session.timeout.ms",
    "int",
    "45000",
    "A member of a share group that is silent for so long is gone.",
    { min: 45_000, max: 60_000 },
  ],
  ["streams.assignment.interval.ms", "int", "1000", "How often a streams group is assigned anew at most.", { min: 0, max: 15_000 }],
  ["share.heartbeat.interval.ms", "int", "5000", "How often members of a share group are heard from.", { min: 5_000, max: 15_000 }],
  ["streams.heartbeat.interval.ms", "int", "5000", "How often members of a streams group are heard from.", { min: 5_000, max: 15_000 }],
  ["share.delivery.count.limit", "int", "5", "How often a record is given to members of a share group at most.", { min: 2, max: 10 }],
  [
    "consumer.heartbeat.interval.ms",
    "int",
    "5000",
    "How often members of the consumer protocol are heard from.",
    { min: 5_000, max: 15_000 },
  ],
  ["share.record.lock.duration.ms", "int", "30000", "How long a member of a share group has for a record.", { min: 15_000, max: 60_000 }],
  ["share.assignment.interval.ms", "int", "1000", "How often a share group is assigned anew at most.", { min: 0, max: 15_000 }],
  [
    "share.isolation.level",
    "string",
    "read_uncommitted",
    "Whether a share group sees records of open transactions.",
    { allowed: ["read_committed", "read_uncommitted"] },
  ],
  [
    "streams.session.timeout.ms",
    "int",
    "45000",
    "A member of a streams group that is silent for so long is gone.",
    { min: 45_000, max: 60_000 },
  ],
  [
    "share.partition.max.record.locks",
    "int",
    "2000",
    "How many records of a partition a share group has in hand at most.",
    { min: 100, max: 4_000 },
  ],
  ["streams.num.standby.replicas", "int", "0", "How many copies of its state a streams group keeps.", { min: 0, max: 2 }],
];

export const GROUP_CONFIGS: readonly ConfigDefinition[] = ROWS.map(([name, type, fallback, about, more]) => ({
  name,
  type,
  fallback,
  about,
  ...more,
}));

const BY_NAME = new Map(GROUP_CONFIGS.map((definition) => [definition.name, definition]));

export const groupConfig = (name: string): ConfigDefinition | undefined => BY_NAME.get(name);
