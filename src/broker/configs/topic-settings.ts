// A topic's settings in force: its own, or what the broker says; and what its logs make of them.
import { BrokerError } from "../broker-error.ts";
import type { LogConfig } from "../storage/log-config.ts";
import type { BrokerSettings, Values } from "./broker-settings.ts";
import { checkedValue, listOf, numberOf } from "./definition.ts";
import { type DescribedConfig, type DescribeOptions, described, SOURCE, type Synonym, wanted } from "./described.ts";
import { TOPIC_CONFIGS, type TopicConfigDefinition, topicConfig } from "./topic-definitions.ts";

/** A topic's own values, and the broker's. */
export interface TopicSettings {
  readonly own: Values;
  readonly broker: BrokerSettings;
}

const synonymsOf = ({ name, brokerName }: TopicConfigDefinition, { own, broker }: TopicSettings): readonly Synonym[] => {
  const value = own.get(name);
  const followed = brokerName === "" ? [] : broker.synonyms(brokerName);
  return value === undefined ? followed : [{ name, value, source: SOURCE.topic }, ...followed];
};

export const describeTopic = (settings: TopicSettings, options: DescribeOptions): readonly DescribedConfig[] =>
  wanted(TOPIC_CONFIGS, options).map((definition) =>
    described(definition, { synonyms: synonymsOf(definition, settings), readOnly: false }, options),
  );

/** The value in force. */
export const topicValue = (name: string, settings: TopicSettings): string => {
  const definition = topicConfig(name);
  if (!definition) throw new Error(`no topic setting ${name}`);
  return synonymsOf(definition, settings)[0]?.value ?? definition.fallback ?? "";
};

/** Values that a topic may have, as they are kept. Throws a BrokerError. */
export const checkedTopicValues = (given: Values, broker: BrokerSettings): Values => {
  const own = new Map<string, string>();
  for (const [name, text] of given) {
    const definition = topicConfig(name);
    if (!definition) throw new BrokerError("INVALID_CONFIG", `'${name}' is no setting of a topic`);
    own.set(name, checkedValue(definition, text));
  }
  checkTogether({ own, broker });
  return own;
};

const checkTogether = (settings: TopicSettings): void => {
  if (settings.own.get("remote.storage.enable") === "true")
    throw new BrokerError("INVALID_CONFIG", "remote.storage.enable: there is no tiered storage on this broker");
  const least = BigInt(topicValue("min.compaction.lag.ms", settings));
  const most = BigInt(topicValue("max.compaction.lag.ms", settings));
  if (least > most)
    throw new BrokerError("INVALID_CONFIG", `min.compaction.lag.ms (${least}) is more than max.compaction.lag.ms (${most})`);
};

/** Of lz4 and snappy there is one way to compress. */
const compressionOf = (type: string, number: (name: string) => number): LogConfig["compression"] => {
  if (type === "gzip") return { codec: type, level: number("compression.gzip.level") };
  if (type === "zstd") return { codec: type, level: number("compression.zstd.level") };
  if (type === "lz4" || type === "snappy") return { codec: type };
  return type === "uncompressed" ? type : "producer";
};

/** What the logs of a topic follow. */
export const logConfigOf = (settings: TopicSettings): LogConfig => {
  const text = (name: string): string => topicValue(name, settings);
  const number = (name: string): number => numberOf(text(name));
  const cleanup = listOf(text("cleanup.policy"));
  return {
    segmentBytes: number("segment.bytes"),
    segmentMs: number("segment.ms"),
    retentionMs: number("retention.ms"),
    retentionBytes: number("retention.bytes"),
    cleanup: { delete: cleanup.includes("delete"), compact: cleanup.includes("compact") },
    messageBytesMax: number("max.message.bytes"),
    compression: compressionOf(text("compression.type"), number),
    timestamps: text("message.timestamp.type") === "LogAppendTime" ? "append" : "create",
    timestampBeforeMsMax: number("message.timestamp.before.max.ms"),
    timestampAfterMsMax: number("message.timestamp.after.max.ms"),
    deleteRetentionMs: number("delete.retention.ms"),
    compactionLagMsMin: number("min.compaction.lag.ms"),
    compactionLagMsMax: number("max.compaction.lag.ms"),
    cleanableDirtyRatioMin: number("min.cleanable.dirty.ratio"),
  };
};
