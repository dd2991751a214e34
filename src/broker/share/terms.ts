// What a share group goes by: its own settings, or as they come.
import type { GroupSettings } from "../configs/group-settings.ts";
import { type OffsetReset, parseOffsetReset } from "../configs/offset-reset.ts";
import type { Isolation } from "../storage/log-results.ts";

export interface ShareTerms {
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  /** How long a member has for a record. */
  readonly lockMs: number;
  /** How often a record is given at most. */
  readonly deliveriesMax: number;
  /** Of a partition. */
  readonly inFlightMax: number;
  readonly reset: OffsetReset;
  readonly isolation: Isolation;
  /** Whether members may ask for more time. */
  readonly renews: boolean;
}

/** As they are now. */
export const shareTerms = (settings: GroupSettings, group: string): ShareTerms => ({
  sessionMs: settings.number(group, "share.session.timeout.ms"),
  heartbeatMs: settings.number(group, "share.heartbeat.interval.ms"),
  lockMs: settings.number(group, "share.record.lock.duration.ms"),
  deliveriesMax: settings.number(group, "share.delivery.count.limit"),
  inFlightMax: settings.number(group, "share.partition.max.record.locks"),
  reset: parseOffsetReset(settings.text(group, "share.auto.offset.reset")) ?? "latest",
  isolation: settings.text(group, "share.isolation.level") === "read_committed" ? "committed" : "uncommitted",
  renews: settings.text(group, "share.renew.acknowledge.enable") === "true",
});
