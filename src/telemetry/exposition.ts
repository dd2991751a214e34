// Counters as Prometheus text, under the names the original gives them: dots become underscores, the unit and `_total` follow.
import { type Metric as ClientMetric, Registry } from "prom-client";
import { Counter, type Counters, HISTOGRAM_BUCKETS, type Histogram, type Metric, type Series } from "../core/counters.ts";

const UNIT_SUFFIX = { count: "", bytes: "_bytes", nanoseconds: "_milliseconds" } as const;

/** `grpc.request.size` → `grpc_request_size_bytes`. */
export const exposedName = ({ name, kind, unit }: Metric): string =>
  `${name.replaceAll(/[.-]/g, "_")}${UNIT_SUFFIX[unit]}${kind === "counter" ? "_total" : ""}`;

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

const labelsOf = ({ key: { namespace, binding, labels } }: Series): Record<string, string> => ({ namespace, binding, ...labels });

const histogramSamples = (series: Series, histogram: Histogram): readonly Sample[] => {
  const name = exposedName(series.metric);
  const labels = labelsOf(series);
  const samples: Sample[] = [];
  let below = 0;
  for (let bucket = 0; bucket < HISTOGRAM_BUCKETS - 1; bucket++) {
    below += histogram.buckets[bucket]!;
    samples.push({ metricName: `${name}_bucket`, labels: { le: 2 ** (bucket + 1), ...labels }, value: below });
  }
  const sum = histogram.sum / histogram.perBucketUnit;
  samples.push({ metricName: `${name}_bucket`, labels: { le: "+Inf", ...labels }, value: histogram.count });
  samples.push({ metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: histogram.count });
  return samples;
};

const samplesOf = (series: Series): readonly Sample[] =>
  series.of instanceof Counter ? [{ labels: labelsOf(series), value: series.of.value }] : histogramSamples(series, series.of);

/** All series, each name with its HELP and TYPE once. */
export const exposition = (counters: Counters): Promise<string> => {
  const byMetric = new Map<Metric, Series[]>();
  for (const series of counters.all()) {
    const known = byMetric.get(series.metric);
    if (known) known.push(series);
    else byMetric.set(series.metric, [series]);
  }
  const registry = new Registry();
  for (const [metric, all] of byMetric) {
    const shown = { name: exposedName(metric), help: metric.help, type: metric.kind, values: all.flatMap(samplesOf) };
    // The library formats whatever answers `get` in this shape; its own classes cannot be handed bucket counts.
    registry.registerMetric({ ...shown, get: async () => shown } as unknown as ClientMetric);
  }
  return registry.metrics();
};

export const EXPOSITION_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;
