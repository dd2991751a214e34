// Members of a group for tests: what they hold by now, letting go at once, and waiting for what several of them come to.
import type { ConsumeEvent, TopicPartition } from "../../src/ports/kafka.ts";
import type { Consuming } from "./kafka-callers.ts";

/** The partitions of all events of that kind, in their order. */
export const partitionsOf = (events: readonly ConsumeEvent[], kind: "assigned" | "revoked"): readonly number[] =>
  events.flatMap((event) => (event.kind === kind ? (event.partitions as readonly TopicPartition[]).map(({ partition }) => partition) : []));

/** The partitions that a member has by now. */
export const held = ({ events }: Consuming): readonly number[] => {
  const has = new Set<number>();
  for (const event of events) {
    if (event.kind === "assigned") for (const { partition } of event.partitions) has.add(partition);
    if (event.kind === "revoked") for (const { partition } of event.partitions) has.delete(partition);
  }
  return [...has].sort();
};

/** Settles once that holds, looking after each event of any member. */
export const anyUntil = (members: readonly Consuming[], holds: () => boolean): Promise<void> =>
  new Promise((settle) => {
    const look = (): boolean => {
      if (holds()) settle();
      return false;
    };
    for (const member of members) member.until(look).catch(() => {});
    look();
  });

/** Lets go of what is revoked as soon as it is. */
export const release = (member: Consuming): void => {
  let seen = 0;
  const look = (): boolean => {
    const { events } = member;
    for (; seen < events.length; seen++) {
      const event = events[seen]!;
      if (event.kind === "revoked" && !event.lost) {
        const { partitions } = event;
        setImmediate(() => member.send({ kind: "released", partitions }));
      }
    }
    return false;
  };
  member.until(look).catch(() => {});
};
