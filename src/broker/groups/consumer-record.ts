// A consumer group as it is kept.
import { buffer, EMPTY, fromBase64 } from "../../core/bytes.ts";
import type { Assignment } from "./assignors.ts";
import type { ConsumerMember } from "./consumer-member.ts";
import type { ResolvedRegex } from "./subscriptions.ts";

export type KeptAssignment = readonly (readonly [topic: string, partitions: readonly number[]])[];

export type KeptMember = Omit<ConsumerMember, "assigned" | "revoking" | "regex" | "classic"> & {
  /** Absent: none. */
  readonly regex?: string;
  /** Absent: it speaks the consumer protocol. */
  readonly classic?: { readonly sessionTimeoutMs: number; readonly protocols: readonly (readonly [name: string, base64: string])[] };
  readonly assigned: KeptAssignment;
  readonly revoking: KeptAssignment;
};

export interface ConsumerRecord {
  readonly type: "consumer";
  readonly epoch: number;
  readonly assignmentEpoch: number;
  readonly assignor: string;
  readonly counts: string;
  /** Absent: none. */
  readonly regexes?: readonly ResolvedRegex[];
  readonly members: readonly KeptMember[];
  readonly target: readonly (readonly [memberId: string, assignment: KeptAssignment])[];
}

export const keptAssignment = (assignment: Assignment): KeptAssignment =>
  [...assignment].map(([topic, partitions]) => [topic, [...partitions].sort((one, other) => one - other)]);

export const restoredAssignment = (kept: KeptAssignment): Assignment =>
  new Map(kept.map(([topic, partitions]) => [topic, new Set(partitions)]));

export const keptMember = ({ classic, ...member }: ConsumerMember): KeptMember => ({
  ...member,
  assigned: keptAssignment(member.assigned),
  revoking: keptAssignment(member.revoking),
  ...(classic && {
    classic: {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      protocols: classic.protocols.map(({ name, metadata }) => [name, buffer(metadata).toString("base64")] as const),
    },
  }),
});

export const restoredMember = (kept: KeptMember): ConsumerMember => ({
  ...kept,
  regex: kept.regex ?? "",
  classic: kept.classic && {
    sessionTimeoutMs: kept.classic.sessionTimeoutMs,
    protocols: kept.classic.protocols.map(([name, base64]) => ({ name, metadata: fromBase64(base64) ?? EMPTY })),
  },
  assigned: restoredAssignment(kept.assigned),
  revoking: restoredAssignment(kept.revoking),
});

export const keptTarget = ({ target }: ConsumerRecord): Map<string, Assignment> =>
  new Map(target.map(([id, kept]) => [id, restoredAssignment(kept)]));
