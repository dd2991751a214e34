// What of a topic's configuration its logs follow, with Apache Kafka's defaults.
import type { Compression } from "../../kafka/wire/compression.ts";

export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** -1: for ever. */
  readonly retentionMs: number;
  /** -1: any size. */
  readonly retentionBytes: number;
  readonly cleanup: { readonly delete: boolean; readonly compact: boolean };
  readonly messageBytesMax: number;
  /** How batches are kept: as they came, without compression, or compressed with one codec. */
  readonly compression: "producer" | "uncompressed" | { readonly codec: Compression; readonly level?: number };
  readonly timestamps: "create" | "append";
  readonly timestampBeforeMsMax: number;
  readonly timestampAfterMsMax: number;
  readonly deleteRetentionMs: number;
  readonly compactionLagMsMin: number;
  readonly compactionLagMsMax: number;
  readonly cleanableDirtyRatioMin: number;
}

const DAY_MS = 86_400_000;

export const DEFAULT_LOG_CONFIG: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 7 * DAY_MS,
  retentionMs: 7 * DAY_MS,
  retentionBytes: -1,
  cleanup: { delete: true, compact: false },
  messageBytesMax: 1_048_588,
  compression: "producer",
  timestamps: "create",
  timestampBeforeMsMax: Number.MAX_SAFE_INTEGER,
  timestampAfterMsMax: 3_600_000,
  deleteRetentionMs: DAY_MS,
  compactionLagMsMin: 0,
  compactionLagMsMax: Number.MAX_SAFE_INTEGER,
  cleanableDirtyRatioMin: 0.5,
};

/** Of a broker: not of a topic. */
export const PRODUCER_ID_EXPIRATION_MS = DAY_MS;
