// A consumer group as it is kept.
import type { Assignment } from "./assignors.ts";
import type { ConsumerMember } from "./consumer-member.ts";
import type { ResolvedRegex } from "./subscriptions.ts";

export type KeptAssignment = readonly (readonly [topic: string, partitions: readonly number[]])[];

export type KeptMember = Omit<ConsumerMember, "assigned" | "revoking" | "regex"> & {
  /** Absent: none. */
  readonly regex?: string;
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

export const keptMember = (member: ConsumerMember): KeptMember => ({
  ...member,
  assigned: keptAssignment(member.assigned),
  revoking: keptAssignment(member.revoking),
});

export const restoredMember = (kept: KeptMember): ConsumerMember => ({
  ...kept,
  regex: kept.regex ?? "",
  assigned: restoredAssignment(kept.assigned),
  revoking: restoredAssignment(kept.revoking),
});

export const keptTarget = ({ target }: ConsumerRecord): Map<string, Assignment> =>
  new Map(target.map(([id, kept]) => [id, restoredAssignment(kept)]));
