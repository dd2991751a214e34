// What a commit of offsets is, and which changes it makes of what is kept; also those of transactions, when they end.
import type { CommitClaim } from "./classic-member.ts";
import type { Verdict } from "./classic-terms.ts";
import type { Change } from "./ledger.ts";
import type { Offsets, Placed } from "./offsets.ts";
import { encoded, type OffsetPlace, offsetKey, pendingKey } from "./records.ts";

/** An offset that is to be committed. */
export interface OffsetAsked {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

export interface CommitAsked extends CommitClaim {
  readonly group: string;
  /** How long the client wants them kept (up to version 4); -1: as the broker does it. */
  readonly retentionMs: number;
  readonly offsets: readonly OffsetAsked[];
}

/** A verdict for all, or one for each offset in the order asked. */
export type CommitAnswer = { readonly all: Verdict } | { readonly each: readonly Verdict[] };

/** What ends the offsets of a transaction. */
export interface TxnOutcome {
  readonly producerId: number;
  readonly outcome: "commit" | "abort";
}

/** Of each offset whether it may be kept. */
export const verdictsOf = ({ offsets }: CommitAsked, metadataCharactersMax: number): readonly Verdict[] =>
  offsets.map(({ metadata }) => ((metadata?.length ?? 0) > metadataCharactersMax ? "OFFSET_METADATA_TOO_LARGE" : "NONE"));

export const changesOf = (asked: CommitAsked, keyFor: (place: OffsetPlace) => string, nowMs: number): readonly Change[] => {
  const { group, offsets, retentionMs } = asked;
  const expiresMs = retentionMs < 0 ? -1 : nowMs + retentionMs;
  return offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) => ({
    key: keyFor({ group, topic, partition }),
    value: encoded({ offset, leaderEpoch, metadata: metadata ?? "", committedMs: nowMs, expiresMs }),
  }));
};

/** What a producer committed in a group becomes valid, but for what was committed outside of the transaction after it, or is dropped. */
export const endingOf = (offsets: Offsets, group: string, { producerId, outcome }: TxnOutcome): readonly Change[] => {
  const pending = offsets.pendingOf(group, producerId);
  const isNewer = ({ place, record }: Placed): boolean => (offsets.get(place)?.committedMs ?? 0) <= record.committedMs;
  const valid = outcome === "commit" ? pending.filter(isNewer) : [];
  return [
    ...valid.map(({ place, record }) => ({ key: offsetKey(place), value: encoded(record) })),
    ...pending.map(({ place }) => ({ key: pendingKey(producerId, place), value: null })),
  ];
};
