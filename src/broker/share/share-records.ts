// What is kept of share groups and their partitions, as keys and values of a durable map: JSON.
import { text, utf8 } from "../../core/bytes.ts";
import type { ShareRecord } from "./share-group.ts";
import type { ShareSnapshot } from "./share-partition.ts";

/** A partition as a group reads it. */
export interface SharePlace {
  readonly group: string;
  readonly topicId: string;
  readonly partition: number;
}

export interface ShareState extends ShareSnapshot {
  /** Another one whenever an operator set the offset; with it, what was acquired before is void. */
  readonly epoch: number;
  /** False: nothing was acknowledged yet, so the group has no offset that it could be asked for. */
  readonly begun: boolean;
}

/** The `start` of a partition of which nothing was read. */
export const UNREAD = -1;

export const unreadState: ShareState = { epoch: 0, begun: false, start: UNREAD, done: 0, runs: [] };

export const shareGroupKey = (group: string): string => JSON.stringify(["group", group]);
export const shareStateKey = ({ group, topicId, partition }: SharePlace): string => JSON.stringify(["state", group, topicId, partition]);

export type ShareKey = { readonly kind: "group"; readonly group: string } | ({ readonly kind: "state" } & SharePlace);

/** Undefined: of something newer. */
export const shareKeyOf = (key: string): ShareKey | undefined => {
  const [kind, group, topicId, partition] = JSON.parse(key) as [string, string, string, number]; // Only the above write keys.
  if (kind === "group") return { kind, group };
  return kind === "state" ? { kind, group, topicId, partition } : undefined;
};

export const encodedShare = (value: ShareRecord | ShareState): Uint8Array => utf8(JSON.stringify(value));
export const shareRecordOf = (value: Uint8Array): ShareRecord => JSON.parse(text(value)) as ShareRecord; // Only encodedShare writes values.
export const shareStateOf = (value: Uint8Array): ShareState => JSON.parse(text(value)) as ShareState; // Only encodedShare writes values.
