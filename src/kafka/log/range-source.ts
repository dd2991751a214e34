// Where a reader that is behind the log's tail gets older records from: Kafka itself, one bounded range at a time. Implemented by the
// client, which alone talks to brokers.
import type { Status } from "../../core/status.ts";
import type { BatchRecord } from "../wire/stored-record.ts";

/** Records of a partition that are wanted: from an offset (or EARLIEST, -2) up to and without another. */
export interface RangePart {
  readonly partition: number;
  readonly from: number;
  readonly below: number;
}

/** Records of a partition that were read. */
export interface RangeRecords {
  readonly partition: number;
  /** In order, none left out between `from` and `next`; those outside of what was asked for are passed over. */
  readonly records: readonly BatchRecord[];
  /** Where reading goes on: after `from`, also when everything there was compacted away, aborted or deleted. `below` when nothing is left. */
  readonly next: number;
}

/** Who reads. */
export interface RangeReader {
  /** At least one of the parts that were asked for, each at most once. */
  read(parts: readonly RangeRecords[]): void;
  /** OUT_OF_RANGE when Kafka no longer has `from`; PERMISSION_DENIED and the like. What may pass is tried again by the source, for ever. */
  failed(status: Status): void;
}

export interface RangeSource {
  /**
   * Reads some of these parts, about `bytesMax` bytes in all (a single record may be larger). One of the reader's calls comes once, from a
   * later turn, unless it was cancelled before. Only records that its isolation may see are given.
   */
  read(topic: string, wanted: { readonly parts: readonly RangePart[]; readonly bytesMax: number }, reader: RangeReader): { cancel(): void };
}
