// What every part of one Kafka client shares.
import type { Clock } from "../../core/clock.ts";
import type { Brokers } from "./brokers.ts";
import type { FetchLinks } from "./fetch-links.ts";
import type { Life } from "./life.ts";
import type { Metadata } from "./metadata.ts";
import type { Report } from "./report.ts";

export interface ClientContext {
  readonly clock: Clock;
  readonly report: Report;
  /** The client's: what runs in the background ends with it. */
  readonly life: Life;
  /** A batch that is larger when it is decompressed is passed over. */
  readonly decompressedBytesMax: number;
  readonly brokers: Pick<Brokers, "link" | "own" | "any" | "has">;
  readonly fetchLinks: Pick<FetchLinks, "take" | "give">;
  readonly metadata: Pick<Metadata, "known" | "resolve" | "refresh" | "stale" | "watch">;
}
