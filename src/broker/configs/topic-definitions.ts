// The settings of a topic: those of Apache Kafka, with its defaults. `brokerName` is the setting of the broker that a topic without a value
// of its own follows.
import { type ConfigDefinition, type ConfigType, LONG_MAX } from "./definition.ts";

export interface TopicConfigDefinition extends ConfigDefinition {
  readonly brokerName: string;
  /** Where the broker's setting has no value unless it is given one: then it is not told as a synonym. */
  readonly brokerUnset?: true;
}

type Row = readonly [
  name: string,
  type: ConfigType,
  fallback: string,
  brokerName: string,
  about: string,
  more?: Pick<TopicConfigDefinition, "allowed" | "min" | "max" | "brokerUnset">,
];

const CODECS = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];
const NOT_HERE = "Has no effect: there is one node.";
const UNUSED = "Has no effect here.";

const ROWS: readonly Row[] = [
  [
    "compression.type",
    "string",
    "producer",
    "compression.type",
    "How batches are kept: as the producer sent them, or compressed anew.",
    { allowed: CODECS },
  ],
  ["remote.log.delete.on.disable", "boolean", "false", "", NOT_HERE],
  ["leader.replication.throttled.replicas", "list", "", "", NOT_HERE],
  ["remote.storage.enable", "boolean", "false", "", NOT_HERE],
  ["min.insync.replicas", "int", "1", "min.insync.replicas", "How many replicas an acks=all produce needs.", { min: 1 }],
  ["segment.jitter.ms", "long", "0", "log.roll.jitter.ms", UNUSED, { min: 0, brokerUnset: true }],
  ["remote.log.copy.disable", "boolean", "false", "", NOT_HERE],
  ["local.retention.ms", "long", "-2", "log.local.retention.ms", NOT_HERE, { min: -2 }],
  [
    "cleanup.policy",
    "list",
    "delete",
    "log.cleanup.policy",
    "Old segments are deleted, or only the newest record of a key is kept, or both.",
    { allowed: ["compact", "delete"] },
  ],
  ["flush.ms", "long", LONG_MAX, "log.flush.interval.ms", "Has no effect: see --fsync.", { min: 0, brokerUnset: true }],
  ["follower.replication.throttled.replicas", "list", "", "", NOT_HERE],
  [
    "compression.lz4.level",
    "int",
    "9",
    "compression.lz4.level",
    "Has no effect: there is one way to compress with lz4.",
    { min: 1, max: 17 },
  ],
  ["segment.bytes", "int", "1073741824", "log.segment.bytes", "A segment does not grow beyond this size.", { min: 1_048_576 }],
  [
    "retention.ms",
    "long",
    "604800000",
    "log.retention.ms",
    "Segments whose records are all older are deleted; -1: never.",
    { min: -1, brokerUnset: true },
  ],
  ["compression.gzip.level", "int", "-1", "compression.gzip.level", "How hard gzip tries.", { min: -1, max: 9 }],
  ["flush.messages", "long", LONG_MAX, "log.flush.interval.messages", "Has no effect: see --fsync.", { min: 1 }],
  ["compression.zstd.level", "int", "3", "compression.zstd.level", "How hard zstd tries.", { min: -131_072, max: 22 }],
  [
    "max.compaction.lag.ms",
    "long",
    LONG_MAX,
    "log.cleaner.max.compaction.lag.ms",
    "A record is compacted at the latest after this time.",
    { min: 1 },
  ],
  ["file.delete.delay.ms", "long", "60000", "log.segment.delete.delay.ms", UNUSED, { min: 0 }],
  ["max.message.bytes", "int", "1048588", "message.max.bytes", "The largest batch that is taken.", { min: 0 }],
  [
    "min.compaction.lag.ms",
    "long",
    "0",
    "log.cleaner.min.compaction.lag.ms",
    "A record is not compacted before this time has passed.",
    { min: 0 },
  ],
  [
    "message.timestamp.type",
    "string",
    "CreateTime",
    "log.message.timestamp.type",
    "Whether records have their producer's time or the broker's.",
    { allowed: ["CreateTime", "LogAppendTime"] },
  ],
  ["local.retention.bytes", "long", "-2", "log.local.retention.bytes", NOT_HERE, { min: -2 }],
  ["preallocate", "boolean", "false", "log.preallocate", UNUSED],
  ["index.interval.bytes", "int", "4096", "log.index.interval.bytes", UNUSED, { min: 0 }],
  [
    "min.cleanable.dirty.ratio",
    "double",
    "0.5",
    "log.cleaner.min.cleanable.ratio",
    "How much of a log must be new before it is compacted.",
    { min: 0, max: 1 },
  ],
  ["unclean.leader.election.enable", "boolean", "false", "unclean.leader.election.enable", NOT_HERE],
  ["retention.bytes", "long", "-1", "log.retention.bytes", "The oldest segments of a larger partition are deleted; -1: never."],
  [
    "delete.retention.ms",
    "long",
    "86400000",
    "log.cleaner.delete.retention.ms",
    "How long tombstones stay after they were compacted.",
    { min: 0 },
  ],
  [
    "message.timestamp.after.max.ms",
    "long",
    "3600000",
    "log.message.timestamp.after.max.ms",
    "How far a record's timestamp may lie after the broker's time.",
    { min: 0 },
  ],
  [
    "message.timestamp.before.max.ms",
    "long",
    LONG_MAX,
    "log.message.timestamp.before.max.ms",
    "How far a record's timestamp may lie before the broker's time.",
    { min: 0 },
  ],
  ["segment.ms", "long", "604800000", "log.roll.ms", "A segment does not grow after this time.", { min: 1, brokerUnset: true }],
  ["segment.index.bytes", "int", "10485760", "log.index.size.max.bytes", UNUSED, { min: 4 }],
];

export const TOPIC_CONFIGS: readonly TopicConfigDefinition[] = ROWS.map(([name, type, fallback, brokerName, about, more]) => ({
  name,
  type,
  fallback,
  brokerName,
  about,
  ...more,
}));

const BY_NAME = new Map(TOPIC_CONFIGS.map((definition) => [definition.name, definition]));

export const topicConfig = (name: string): TopicConfigDefinition | undefined => BY_NAME.get(name);
