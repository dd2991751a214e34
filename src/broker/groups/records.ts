// What is kept of groups and offsets, as keys and values of a durable map: JSON, with bytes in base64.
import { EMPTY, fromBase64, text, utf8 } from "../../core/bytes.ts";
import type { ConsumerRecord } from "./consumer-record.ts";

/** A member as it is kept. */
export interface MemberRecord {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Of the group's protocol, in base64. */
  readonly subscription: string;
  readonly assignment: string;
}

/** A generation of a classic group. */
export interface ClassicRecord {
  readonly protocolType: string | null;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  /** When the group came into its state, in Unix time. */
  readonly sinceMs: number;
  readonly members: readonly MemberRecord[];
}

/** A committed offset. */
export interface OffsetRecord {
  readonly offset: number;
  /** -1: not told. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedMs: number;
  /** When it is forgotten, where the client said so (up to version 4); -1: as the broker does it. */
  readonly expiresMs: number;
}

export interface OffsetPlace {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** What a key is of. */
export type Key =
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "consumer"; readonly group: string }
  | ({ readonly kind: "offset" } & OffsetPlace)
  /** An offset of a transaction that has not ended. */
  | ({ readonly kind: "pending"; readonly producerId: number } & OffsetPlace);

export const groupKey = (group: string): string => JSON.stringify(["group", group]);
export const consumerKey = (group: string): string => JSON.stringify(["consumer", group]);
export const offsetKey = ({ group, topic, partition }: OffsetPlace): string => JSON.stringify(["offset", group, topic, partition]);
export const pendingKey = (producerId: number, { group, topic, partition }: OffsetPlace): string =>
  JSON.stringify(["pending", group, topic, partition, producerId]);

/** Undefined: of something newer. */
export const keyOf = (key: string): Key | undefined => {
  const [kind, group, topic, partition, producerId] = JSON.parse(key) as [string, string, string, number, number]; // Only the above write keys.
  if (kind === "group" || kind === "consumer") return { kind, group };
  if (kind === "offset") return { kind, group, topic, partition };
  return kind === "pending" ? { kind, group, topic, partition, producerId } : undefined;
};

export const encoded = (record: ClassicRecord | ConsumerRecord | OffsetRecord): Uint8Array => utf8(JSON.stringify(record));
export const classicRecordOf = (value: Uint8Array): ClassicRecord => JSON.parse(text(value)) as ClassicRecord; // Only encoded writes values.
export const consumerRecordOf = (value: Uint8Array): ConsumerRecord => JSON.parse(text(value)) as ConsumerRecord; // Only encoded writes values.
export const offsetRecordOf = (value: Uint8Array): OffsetRecord => JSON.parse(text(value)) as OffsetRecord; // Only encoded writes values.
export const keptBytes = (base64: string): Uint8Array => fromBase64(base64) ?? EMPTY;
