// A member of a classic group: who it is, what it can speak, and which of its requests wait for an answer.
import { equal } from "../../core/bytes.ts";
import { Reader, WireError } from "../../kafka/wire/reader.ts";

/** A way of sharing out that a member knows, with what it tells the leader for it. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

/** A request that waits for its answer. */
export type Ticket = number;

export interface Member {
  readonly id: string;
  /** Of a static member (KIP-345). */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
  /** The one it likes best first. */
  protocols: readonly Protocol[];
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  assignment: Uint8Array;
  joining: Ticket | undefined;
  syncing: Ticket | undefined;
  /** It has not heard yet that it is a member, so it cannot send heartbeats. */
  isNew: boolean;
  /** When it is gone unless it is heard of, in monotonic time; Infinity: it waits for us. */
  deadlineMs: number;
}

/** The same protocols in the same order, with the same metadata. */
export const sameProtocols = (some: readonly Protocol[], others: readonly Protocol[]): boolean =>
  some.length === others.length &&
  some.every(({ name, metadata }, at) => name === others[at]?.name && equal(metadata, others[at]?.metadata ?? metadata));

export const metadataFor = ({ protocols }: Member, name: string | undefined): Uint8Array | undefined =>
  protocols.find((protocol) => protocol.name === name)?.metadata;

/** What consumers call themselves. */
export const CONSUMER_TYPE = "consumer";

/** Topics of a consumer's subscription, of whatever version: all begin alike. Undefined: it cannot be read. */
export const topicsOf = (subscription: Uint8Array): readonly string[] | undefined => {
  try {
    const from = new Reader(subscription, "classic");
    from.int16();
    return from.array((one) => one.string());
  } catch (reason) {
    if (reason instanceof WireError) return undefined;
    throw reason;
  }
};
