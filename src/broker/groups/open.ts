// Opens the groups over the broker's own log, with the broker's settings as their limits.

import type { Foundation } from "../broker.ts";
import { OWN_LOGS } from "../metadata.ts";
import { StateLog } from "../storage/state-log.ts";
import { Groups } from "./groups.ts";
import type { MigrationPolicy } from "./migration.ts";
import type { GroupLimits } from "./registry.ts";

const LOG = { name: `${OWN_LOGS}groups`, id: "00000000-0000-0000-0000-000000000002" };
const MS_PER_MINUTE = 60_000;

/** What the groups have to know of the broker. */
export type GroupsFoundation = Pick<Foundation, "clock" | "log" | "store" | "settings" | "groupSettings" | "topics">;

const limitsOf = ({ settings }: GroupsFoundation): GroupLimits => ({
  size: settings.number("group.max.size"),
  initialDelayMs: settings.number("group.initial.rebalance.delay.ms"),
  sessionMsMin: settings.number("group.min.session.timeout.ms"),
  sessionMsMax: settings.number("group.max.session.timeout.ms"),
  migration: policyOf(settings.text("group.consumer.migration.policy") ?? ""),
  metadataCharactersMax: settings.number("offset.metadata.max.bytes"),
  retentionMs: settings.number("offsets.retention.minutes") * MS_PER_MINUTE,
});

const POLICIES: readonly MigrationPolicy[] = ["bidirectional", "upgrade", "downgrade", "disabled"];

const policyOf = (text: string): MigrationPolicy => POLICIES.find((policy) => policy === text.toLowerCase()) ?? "bidirectional";

/** With all that they kept; offsets of topics that are deleted go with them. `isShare`: whether a share group has that id. */
export const openGroups = async (on: GroupsFoundation, isShare: (id: string) => boolean): Promise<Groups> => {
  const { clock, log, store, settings, groupSettings, topics } = on;
  const { state, entries } = await StateLog.open(store, LOG, () => clock.now());
  const knownTopics = () => topics.all().map(({ id, name, partitions }) => ({ id, name, partitions: partitions.length }));
  let topicsVersion = 0;
  topics.onChanged(() => {
    topicsVersion += 1;
  });
  const consumerSessionMs = (group: string): number => groupSettings.inForce(group, "consumer.session.timeout.ms", settings);
  const known = { isShare, consumerSessionMs, topics: knownTopics, topicsVersion: () => topicsVersion };
  const groups = new Groups({ clock, log, limits: () => limitsOf(on), ...known }, state, entries);
  topics.onDeleted(({ name }) => {
    groups
      .topicDeleted(name)
      .catch((reason: unknown) => log.warn("offsets of a deleted topic are still kept", { topic: name, reason: String(reason) }));
  });
  return groups;
};
