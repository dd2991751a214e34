// Opens the share groups over the broker's own log, with the broker's settings and those of groups as their terms.
import type { Foundation } from "../broker.ts";
import { OWN_LOGS } from "../metadata.ts";
import { StateLog } from "../storage/state-log.ts";
import { ShareGroups } from "./share-groups.ts";
import { ShareSessions } from "./share-sessions.ts";
import { shareTerms } from "./terms.ts";

const LOG = { name: `${OWN_LOGS}share`, id: "00000000-0000-0000-0000-000000000004" };

/** What share groups have to know of the broker. */
export type SharesFoundation = Pick<Foundation, "clock" | "log" | "store" | "settings" | "groupSettings" | "topics">;

/** With all that they kept; what was read of topics that are deleted goes with them. `isOther`: whether another group has that id. */
export const openShares = async (on: SharesFoundation, isOther: (id: string) => boolean): Promise<ShareGroups> => {
  const { clock, log, store: logs, settings, groupSettings, topics } = on;
  const { state, entries } = await StateLog.open(logs, LOG, () => clock.now());
  const shares = new ShareGroups(
    {
      ...{ clock, log, isOther, store: state },
      terms: (group) => shareTerms(groupSettings, group),
      topics: () => topics.all().map(({ id, name, partitions }) => ({ id, name, partitions: partitions.length })),
      size: () => settings.number("group.share.max.size"),
    },
    entries,
  );
  topics.onDeleted(({ id, name }) => {
    shares
      .topicDeleted(id)
      .catch((reason: unknown) =>
        log.warn("what share groups read of a deleted topic is still kept", { topic: name, reason: String(reason) }),
      );
  });
  return shares;
};

/** A session's end gives back what its member had. */
export const openShareSessions = ({ settings }: SharesFoundation, shares: ShareGroups): ShareSessions =>
  new ShareSessions(
    () => settings.number("group.share.max.share.sessions"),
    ({ group, member }) => shares.states.release(group, member),
  );
