// The counters of a process as plain data, so that another process can be told them, and the sum of several.
import { Counter, type Counters, type Histogram, type Metric, type SeriesKey } from "./counters.ts";

/** One series at one moment. */
export interface SeriesSnapshot {
  readonly key: SeriesKey;
  readonly metric: Metric;
  /** Of a counter or gauge. */
  readonly value?: number;
  readonly histogram?: { readonly buckets: Float64Array; readonly count: number; readonly sum: number };
}
/** All series of a process at one moment. */
export type Snapshot = readonly SeriesSnapshot[];

/** What is counted by now; it does not change any more. */
export const snapshotOf = (counters: Counters): Snapshot =>
  [...counters.all()].map(({ key, metric, of }) => {
    if (of instanceof Counter) return { key, metric, value: of.value };
    return { key, metric, histogram: { buckets: of.buckets.slice(), count: of.count, sum: of.sum } };
  });

/** Of a process that has ended: what it counted stays counted, and what stood at some height is gone. */
export const withoutGauges = (snapshot: Snapshot): Snapshot => snapshot.filter(({ metric }) => metric.kind !== "gauge");

/** Adds what another process counted. */
export const addSnapshot = (counters: Counters, snapshot: Snapshot): void => {
  for (const { key, metric, value, histogram } of snapshot) {
    counters.declare(metric);
    if (histogram === undefined) counters.counter(key).value += value ?? 0;
    else addHistogram(counters.histogram(key), histogram);
  }
};

const addHistogram = (to: Histogram, { buckets, count, sum }: NonNullable<SeriesSnapshot["histogram"]>): void => {
  for (const [bucket, counted] of buckets.entries()) if (bucket < to.buckets.length) to.buckets[bucket]! += counted;
  to.count += count;
  to.sum += sum;
};
