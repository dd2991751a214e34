// A durable map: keys and values as records of a compacted log, replayed when it is opened. For what a broker must remember itself:
// topics, offsets, users.
import { concat, copy, text, utf8 } from "../../core/bytes.ts";
import { encodeBatch } from "../../kafka/wire/encode-batch.ts";
import { BrokerError } from "../broker-error.ts";
import { factsOf, isControl } from "./batch-facts.ts";
import { DEFAULT_LOG_CONFIG, type LogConfig } from "./log-config.ts";
import type { LogStore } from "./log-store.ts";
import type { PartitionLog } from "./partition-log.ts";
import { RecordCursor } from "./record-cursor.ts";
import { plainRecords } from "./validate.ts";

/** Null takes the key out. */
export interface StateChange {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Of a segment; and so the most that one change may have. */
const SEGMENT_BYTES = 8_388_608;
const READ_BYTES = 1_048_576;

/** Small segments, since only whole ones are compacted; what was taken out is remembered for a minute, since nobody else reads it. */
export const STATE_LOG_CONFIG: LogConfig = {
  ...DEFAULT_LOG_CONFIG,
  cleanup: { delete: false, compact: true },
  segmentBytes: SEGMENT_BYTES,
  messageBytesMax: SEGMENT_BYTES,
  deleteRetentionMs: 60_000,
};

export class StateLog {
  readonly #log: PartitionLog;
  readonly #now: () => number;

  private constructor(log: PartitionLog, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** With all that it holds. The map is the caller's: it is not kept up to date. */
  static async open(
    store: LogStore,
    id: { readonly name: string; readonly id: string; readonly partition?: number },
    now: () => number,
  ): Promise<{ readonly state: StateLog; readonly entries: Map<string, Uint8Array> }> {
    const log = await store.log({ topic: id.name, topicId: id.id, partition: id.partition ?? 0 }, STATE_LOG_CONFIG);
    return { state: new StateLog(log, now), entries: await entriesOf(log) };
  }

  /** When the change is durable; rejects with a BrokerError when it is not. Changes are kept in the order of the calls. */
  put(key: string, value: Uint8Array): Promise<void> {
    return this.apply([{ key, value }]);
  }

  delete(key: string): Promise<void> {
    return this.apply([{ key, value: null }]);
  }

  /** All of them or none. */
  async apply(changes: readonly StateChange[]): Promise<void> {
    if (changes.length === 0) return;
    const records = changes.map(({ key, value }) => ({ key: utf8(key), value, headers: [] }));
    const batch = concat(encodeBatch(records, { timestampMs: this.#now() }).pieces);
    const { lastOffset } = this.#log.append(batch);
    await this.#log.durable(lastOffset + 1);
  }
}

const entriesOf = async (log: PartitionLog): Promise<Map<string, Uint8Array>> => {
  const entries = new Map<string, Uint8Array>();
  for (let offset = log.startOffset; offset < log.highWatermark; ) {
    const { batches } = await log.read(offset, { bytesMax: READ_BYTES, isolation: "uncommitted" });
    const last = batches.at(-1);
    if (!last) break;
    for (const batch of batches) replay(batch, entries);
    offset = factsOf(last).lastOffset + 1;
  }
  return entries;
};

const replay = (batch: Uint8Array, entries: Map<string, Uint8Array>): void => {
  const facts = factsOf(batch);
  if (isControl(facts)) return;
  const records = plainRecords(batch, facts);
  const cursor = new RecordCursor(records);
  for (let left = facts.count; left > 0; left--) {
    cursor.next();
    if (cursor.key === null) throw new BrokerError("INVALID_RECORD", "a record without a key in a log of state");
    const key = text(cursor.key);
    // A copy: the batch is not to be kept for a small value.
    if (cursor.valueLength < 0) entries.delete(key);
    else entries.set(key, copy(records.subarray(cursor.valueAt, cursor.valueAt + cursor.valueLength)));
  }
};
