// What goes into the machine of a classic group and what comes out of it: requests, answers, effects, and the limits it keeps.
import type { Clock } from "../../core/clock.ts";
import type { KafkaErrorName } from "../../kafka/wire/errors.ts";
import type { Protocol, Ticket } from "./member.ts";
import type { ClassicRecord } from "./records.ts";
import type { Claim } from "./roster.ts";

export type ClassicState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

/** The name of an error, or NONE. */
export type Verdict = KafkaErrorName;

export interface JoinAsked extends Claim {
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** The client comes back with the id that it is given (KIP-394). */
  readonly idRequired: boolean;
  /** The client knows that a leader may have nothing to share out (KIP-814). */
  readonly maySkip: boolean;
}

export interface JoinAnswer {
  readonly error: Verdict;
  readonly memberId: string;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  /** Of the leader: everybody. */
  readonly members: readonly { readonly id: string; readonly instanceId: string | null; readonly metadata: Uint8Array }[];
}

export interface SyncAsked extends Claim {
  readonly generation: number;
  /** Null: not told. */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignments: ReadonlyMap<string, Uint8Array>;
}

export interface SyncAnswer {
  readonly error: Verdict;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Uint8Array;
}

/** What is to be done outside, in this order. */
export type Effect =
  | { readonly kind: "joined"; readonly ticket: Ticket; readonly answer: JoinAnswer }
  | { readonly kind: "synced"; readonly ticket: Ticket; readonly answer: SyncAnswer }
  /** `stored` is called when the record is durable, or with the reason why it is not; it may have effects of its own. */
  | { readonly kind: "store"; readonly record: ClassicRecord; readonly stored: (verdict: Verdict) => void };

export interface ClassicLimits {
  /** The most members of a group. */
  readonly size: number;
  /** How long the first member of a group waits for others. */
  readonly initialDelayMs: number;
}

export interface ClassicOptions {
  readonly clock: Pick<Clock, "now" | "monotonicMs">;
  readonly limits: () => ClassicLimits;
  /** A part of a member's id that nobody has had. */
  readonly unique: () => string;
}

/** A new member whose JoinGroup is not answered for so long is forgotten: it will ask again if it is there. */
export const NEW_MEMBER_JOIN_MS = 300_000;

export const refusedJoin = (error: Verdict, memberId: string): JoinAnswer => ({
  error,
  memberId,
  generation: -1,
  protocolType: null,
  protocol: null,
  leader: "",
  skipAssignment: false,
  members: [],
});
