// What the tests of the storage share: batches as producers send them, a store on a given disk, and records as text.

import type { Fsync } from "../../../src/broker/storage/committer.ts";
import type { Disk } from "../../../src/broker/storage/disk.ts";
import { DEFAULT_LOG_CONFIG, type LogConfig } from "../../../src/broker/storage/log-config.ts";
import { LogStore, type LogStoreOptions } from "../../../src/broker/storage/log-store.ts";
import { memoryDisk } from "../../../src/broker/storage/memory-disk.ts";
import type { PartitionLog } from "../../../src/broker/storage/partition-log.ts";
import { UPKEEP_TIMES, type UpkeepTimes } from "../../../src/broker/storage/upkeep.ts";
import { concat, copy, text, utf8 } from "../../../src/core/bytes.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { Facts, Log } from "../../../src/core/log.ts";
import { decodeBatches } from "../../../src/kafka/wire/decode-batch.ts";
import { type BatchOptions, encodeBatch } from "../../../src/kafka/wire/encode-batch.ts";
import { ManualClock } from "../../kit/clock.ts";

export const NOW_MS = 1_000_000;
export const TOPIC_ID = "00000000-0000-0000-0000-000000000001";
export const FOLDER = "/data";

/** `key=value` a record; `value` alone has no key, `key=` is a tombstone. */
export const batchOf = (records: readonly string[], options: Partial<BatchOptions> = {}): Uint8Array => {
  const produced = records.map((record) => {
    const [key, value] = record.includes("=") ? record.split("=") : [undefined, record];
    return { key: key === undefined ? null : utf8(key), value: value ? utf8(value) : null, headers: [] };
  });
  return copy(concat(encodeBatch(produced, { timestampMs: NOW_MS, ...options }).pieces));
};

/** What was said, in place of a log. */
export interface Said {
  readonly level: string;
  readonly message: string;
  readonly facts: Facts;
}

export const listeningLog = (): { readonly log: Log; readonly said: Said[] } => {
  const said: Said[] = [];
  const at =
    (level: string) =>
    (message: string, facts: Facts = {}): void =>
      void said.push({ level, message, facts });
  return { said, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
};

export interface Opened {
  readonly store: LogStore;
  readonly clock: ManualClock;
  readonly said: Said[];
  readonly disk: Disk;
}

export interface OpenOptions {
  readonly disk?: Disk;
  readonly clock?: ManualClock;
  readonly fsync?: Fsync;
  readonly limits?: LogStoreOptions["limits"];
  readonly upkeep?: UpkeepTimes;
}

export const openStore = async (options: OpenOptions = {}): Promise<Opened> => {
  const { disk = memoryDisk(), clock = new ManualClock(NOW_MS), fsync = "always", limits = {}, upkeep = UPKEEP_TIMES } = options;
  const { log, said } = listeningLog();
  const store = await LogStore.open({ disk, folder: FOLDER, fsync, clock: clock satisfies Clock, log, limits, upkeep });
  return { store, clock, said, disk };
};

export const configOf = (config: Partial<LogConfig> = {}): LogConfig => ({ ...DEFAULT_LOG_CONFIG, ...config });

export const logOf = (store: LogStore, config: Partial<LogConfig> = {}, topic = "orders"): Promise<PartitionLog> =>
  store.log({ topic, topicId: TOPIC_ID, partition: 0 }, configOf(config));

/** Appends, and waits until it is durable. */
export const appended = async (log: PartitionLog, batch: Uint8Array): Promise<number> => {
  const { baseOffset, lastOffset } = log.append(batch);
  await log.durable(lastOffset + 1);
  return baseOffset;
};

/** A record as `offset:key=value`. */
export const recordsOf = (batches: readonly Uint8Array[]): string[] =>
  batches.flatMap((bytes) =>
    decodeBatches(bytes, { topic: "orders", partition: 0 }).batches.flatMap((batch) => {
      if (batch.kind === "corrupt") throw new Error(batch.reason);
      return batch.records.map(({ offset, key, value }) => {
        const told = value === null ? "" : text(value);
        return `${offset}:${key === null ? told : `${text(key)}=${told}`}`;
      });
    }),
  );

export const readFrom = async (log: PartitionLog, offset: number, bytesMax = 1_000_000): Promise<readonly Uint8Array[]> =>
  (await log.read(offset, { bytesMax, isolation: "uncommitted" })).batches;

/** All records there are, by as many reads as it takes. */
export const readAll = async (log: PartitionLog): Promise<string[]> => {
  const found: string[] = [];
  for (let offset = log.startOffset; offset < log.highWatermark; ) {
    const batches = await readFrom(log, offset);
    const last = batches.at(-1);
    if (!last) break;
    found.push(...recordsOf(batches));
    offset = nextOffsetOf(last);
  }
  return found;
};

export const nextOffsetOf = (batch: Uint8Array): number => {
  const from = new DataView(batch.buffer, batch.byteOffset);
  return Number(from.getBigInt64(0)) + from.getInt32(23) + 1;
};
