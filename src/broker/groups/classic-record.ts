// A classic group as it is kept.
import { buffer, EMPTY } from "../../core/bytes.ts";
import { metadataFor } from "./member.ts";
import type { ClassicRecord } from "./records.ts";
import type { Roster } from "./roster.ts";

const base64 = (bytes: Uint8Array): string => buffer(bytes).toString("base64");

/** What is kept of a group. */
export interface Kept {
  readonly roster: Roster;
  readonly generation: number;
  readonly protocol: string | undefined;
  readonly sinceMs: number;
}

/** As it is, or with other assignments. */
export const recordOf = (group: Kept, assignments?: ReadonlyMap<string, Uint8Array>): ClassicRecord => ({
  protocolType: group.roster.protocolType ?? null,
  generation: group.generation,
  protocol: group.protocol ?? null,
  leader: group.roster.leader ?? null,
  sinceMs: group.sinceMs,
  members: group.roster.all().map((member) => ({
    id: member.id,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    sessionTimeoutMs: member.sessionTimeoutMs,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    subscription: base64(metadataFor(member, group.protocol) ?? EMPTY),
    assignment: base64(assignments ? (assignments.get(member.id) ?? EMPTY) : member.assignment),
  })),
});
