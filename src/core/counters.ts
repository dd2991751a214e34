// Counters are plain numbers that the path adds to; exporters read them when they are asked. A series is made once, when a binding
// is bound or a label value is first met, never looked up on the path.

/** What a series is called and which one it is. Names are dotted, in the original's spelling (`grpc.request.size`); ours start with `sluice.`. */
export interface SeriesKey {
  readonly metric: string;
  readonly namespace: string;
  readonly binding: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** How a metric behaves: it grows, it moves, it counts by size. */
export type MetricKind = "counter" | "gauge" | "histogram";
/** What a metric's numbers count. */
export type MetricUnit = "count" | "bytes" | "nanoseconds";

/** What is known of a metric, whatever its series. */
export interface Metric {
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: MetricUnit;
  readonly help: string;
}

/** A counter or a gauge: add to `value`. */
export class Counter {
  value = 0;
}

/** The original's limits: 2, 4, 8, … 2^62, and one open bucket. */
export const HISTOGRAM_BUCKETS = 63;

/** How many values of which size there were, and their sum. */
export class Histogram {
  /** `buckets[i]` counts values below 2^(i+1) bucket units. */
  readonly buckets = new Float64Array(HISTOGRAM_BUCKETS);
  /** What one bucket unit is in units of the values: nanoseconds are counted by the millisecond, so that the exposed limits are true. */
  readonly perBucketUnit: number;
  count = 0;
  /** In units of the values. */
  sum = 0;

  constructor(unit: MetricUnit = "count") {
    this.perBucketUnit = unit === "nanoseconds" ? 1e6 : 1;
  }

  /** Values are not negative; fractions are cut. */
  record(value: number): void {
    const whole = Math.floor(value / this.perBucketUnit);
    this.buckets[whole < 2 ? 0 : Math.min(Math.floor(Math.log2(whole)), HISTOGRAM_BUCKETS - 1)]! += 1;
    this.count += 1;
    this.sum += Math.floor(value);
  }
}

/** One series with where its numbers are. */
export interface Series {
  readonly key: SeriesKey;
  readonly metric: Metric;
  readonly of: Counter | Histogram;
}

const idOf = ({ metric, namespace, binding, labels }: SeriesKey): string =>
  JSON.stringify([metric, namespace, binding, ...Object.entries(labels ?? {}).sort()]);

/** All series of the process. */
export class Counters {
  readonly #metrics = new Map<string, Metric>();
  readonly #series = new Map<string, Series>();

  /** Tells what a metric is; twice the same is harmless (series share the first), twice different is a bug. */
  declare(metric: Metric): void {
    const known = this.#metrics.get(metric.name);
    if (known && (known.kind !== metric.kind || known.unit !== metric.unit))
      throw new Error(`metric ${metric.name} is declared twice, differently`);
    if (!known) this.#metrics.set(metric.name, metric);
  }

  /** The counter or gauge of that key, made when it is first asked for. */
  counter(key: SeriesKey): Counter {
    return this.#of(key) as Counter; // `declare` fixed the kind.
  }

  histogram(key: SeriesKey): Histogram {
    return this.#of(key) as Histogram; // `declare` fixed the kind.
  }

  /** In the order they were made. */
  all(): Iterable<Series> {
    return this.#series.values();
  }

  #of(key: SeriesKey): Counter | Histogram {
    const id = idOf(key);
    const known = this.#series.get(id);
    if (known) return known.of;
    const metric = this.#metrics.get(key.metric);
    if (!metric) throw new Error(`metric ${key.metric} is not declared`);
    const made: Series = { key, metric, of: metric.kind === "histogram" ? new Histogram(metric.unit) : new Counter() };
    this.#series.set(id, made);
    return made.of;
  }
}
