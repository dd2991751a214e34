// The kafka port: produce, fetch, and consume as a member of a group. Offsets are numbers: exact to 2^53.
import type { Status } from "../core/status.ts";
import type { Batch, Service } from "./service.ts";

/** A header's value may be null, and a name may occur more than once. */
export interface RecordHeader {
  readonly name: string;
  readonly value: Uint8Array | null;
}
/** In order. Built once a call and shared by its records: those of one produce that have the same array share its encoding. */
export type RecordHeaders = readonly RecordHeader[];

/** A record to be written. `value: null` is a tombstone; a zero-length value is not. */
export interface ProducedRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: RecordHeaders;
}

/** A record as it is stored. Headers are decoded when asked for. */
export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Unix time in milliseconds; -1 when the record has none. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** The last header of that name; undefined when there is none. */
  header(name: string): Uint8Array | null | undefined;
  /** All headers, in order; with `prefix` those alone whose name begins with it. */
  eachHeader(visit: (name: string, value: Uint8Array | null) => void, prefix?: string): void;
  /**
   * The next offset of each partition (by index) for a reader that has been given everything up to and with this record; -2 where
   * that reader has not reached anything yet. Readers at the tail share one; do not change it.
   */
  readonly progress: readonly number[];
}

/** What a produce waits for, in the words of the original: nothing, the leader, or all replicas in sync. */
export type Acks = "none" | "leader_only" | "in_sync_replicas";

/** Where records go, and how surely. */
export interface ProduceTo {
  readonly topic: string;
  readonly acks: Acks;
  /** Unix milliseconds: what was not handed to the broker by then is dropped with DEADLINE_EXCEEDED. Absent: `kafka.timeout` after the call. */
  readonly expiresMs?: number;
}

/** Where the first record of a produce went. */
export interface Written {
  readonly partition: number;
  /** -1 with acks none. */
  readonly offset: number;
}

/** Who waits for a produce: the call itself, so that a produce allocates nothing for its answer. */
export interface Receipt {
  /** Once for every produce, from a later turn. */
  produced(status: Status, at?: Written): void;
}

/** Next offset by partition. */
export type Position = ReadonlyMap<number, number>;
/**
 * `earliest`, `latest`, from the first record at or after a time, or by partition: -2 is earliest, -1 latest. Partitions that a
 * Position does not name start at its `-1` entry, or at the earliest.
 */
export type From = "earliest" | "latest" | { readonly timestampMs: number } | Position;

/** All conditions of one filter must hold; any header of that name with that value counts. */
export interface Filter {
  readonly key?: Uint8Array;
  readonly headers?: readonly { readonly name: string; readonly value: Uint8Array }[];
}
/** Whether records of transactions that are open or aborted are seen. */
export type Isolation = "read_committed" | "read_uncommitted";

/** One of `of` equal parts of the partitions of a topic, counted from 0. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** What to read, and from where. */
export interface FetchQuery {
  readonly topic: string;
  readonly from: From;
  /** Any filter may hold; none given: everything. */
  readonly filters: readonly Filter[];
  readonly isolation: Isolation;
  /**
   * Only records with this header value, found by a map and never by a scan: new ones under the value, and with `from: "earliest"`
   * also those already there, from the index of that header. `filters` must then be empty.
   */
  readonly correlated?: { readonly name: string; readonly value: Uint8Array };
  /** Only these partitions; absent: all, also those that are added later (from offset 0). */
  readonly partitions?: readonly number[];
  /**
   * With `correlated`: the value is the key of its records as well, so that a cache need read no more than this share of the partitions, and
   * those that the value's hash falls into. Others read all, which gives the same.
   */
  readonly share?: Share | undefined;
}

/** Who waits until it is known which replies a process reads. */
export interface OwnRepliesWaiter {
  known(): void;
  failed(status: Status): void;
}

/** Which replies a process reads that reads its own share of a topic of replies. */
export interface OwnReplies {
  /** Whether replies with a key of that hash (murmur2) are read; undefined as long as it is not known. */
  readonly reads: ((hash: number) => boolean) | undefined;
  /** Calls back once, perhaps at once, unless it is cancelled before. */
  wait(waiter: OwnRepliesWaiter): { cancel(): void };
}

/** What a fetch tells before its first record. */
export interface FetchStart {
  /** Where it began, fixed when it was called: whatever is produced after `headers` is delivered. */
  readonly position: Position;
}

/** `at` is where reading goes on: the committed position, or the earliest. */
export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The end of the partition when it was assigned: records below it may have been begun by another member. */
  readonly end: number;
}

/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * What happens to a member of a group, in order. Records of one event are of one partition, and done ones are left out. After `write` said
 * false only records wait: the others still come.
 */
export type ConsumeEvent =
  | { readonly kind: "assigned"; readonly partitions: readonly AssignedPartition[] }
  | { readonly kind: "records"; readonly topic: string; readonly partition: number; readonly records: Batch<StoredRecord> }
  /** `lost`: the membership is gone already; write and commit nothing more for them. Else answer with `released` soon. */
  | { readonly kind: "revoked"; readonly partitions: readonly TopicPartition[]; readonly lost: boolean }
  /**
   * `crowded`: what is done beyond the committed offset hardly fits a commit any more, and what does not fit would be delivered again to the
   * next owner. Finish what was begun there and begin no more until it is said to be open. A partition is open when it is assigned.
   */
  | { readonly kind: "crowded"; readonly topic: string; readonly partition: number; readonly crowded: boolean };

/** What a member says back. */
export type ConsumeRequest =
  /**
   * These offsets need not be delivered again; saying so twice is harmless. The committed offset is the contiguous one, those beyond it travel
   * in the commit's metadata. All offsets of one request are committed together. Whoever says so before they are delivered says it again when
   * they are: of those only so many are remembered.
   */
  | { readonly kind: "done"; readonly topic: string; readonly partition: number; readonly offsets: readonly number[] }
  /** Nothing more will be done for these revoked partitions: commit and let them go. */
  | { readonly kind: "released"; readonly partitions: readonly TopicPartition[] }
  /** No more records of this partition until `resume`; the others go on. A partition is not paused when it is assigned. */
  | { readonly kind: "pause" | "resume"; readonly topic: string; readonly partition: number };

/** What to read as a member of a group. */
export interface ConsumeQuery {
  readonly topics: readonly string[];
  readonly group: string;
}

/** The head of a consume's replies: nothing. */
export type ConsumeStart = Readonly<Record<never, never>>;

/** A Kafka, near or far: the client, a cache before it, or one in memory. */
export interface Kafka {
  /**
   * Writes all records to one partition (the key's, by murmur2 as the Java client; the first record's key) in order and in one batch, or says why not.
   * Records of one key keep their order over several calls. Back pressure is the receipt: a caller keeps no more than its own limit
   * unacknowledged. Past PRODUCE_BYTES_MAX in all: RESOURCE_EXHAUSTED.
   */
  produce(to: ProduceTo, records: Batch<ProducedRecord>, receipt: Receipt): void;
  /**
   * Every matching record from a position on, for ever. Fails with FAILED_PRECONDITION (no such topic, named, after 2 s),
   * PERMISSION_DENIED, OUT_OF_RANGE (a position that Kafka no longer has), UNAVAILABLE (replies may have been deleted unread).
   * While Kafka does not answer it waits; whoever has less patience cancels.
   */
  readonly fetch: Service<FetchQuery, never, StoredRecord, FetchStart>;
  /** As a member of a group, until cancelled: `cancel` commits what is done and leaves. */
  readonly consume: Service<ConsumeQuery, ConsumeRequest, ConsumeEvent, ConsumeStart>;
  /** Which of a topic's replies are read where only a share is; absent, or undefined: all. */
  readonly ownReplies?: (topic: string, share: Share) => OwnReplies | undefined;
  /** How long whoever has no deadline waits for a Kafka that does not answer, in milliseconds: 30 s when absent. A layer hands it on. */
  readonly timeoutMs?: number;
  /** Where it is, `host:port` with commas, for the people who run it. A layer hands it on. */
  readonly servers?: string;
  /** For a cache in front of it, which knows what it is (kafka/log/topic-source.ts). A layer around a Kafka hands it on. */
  readonly source?: object;
}
