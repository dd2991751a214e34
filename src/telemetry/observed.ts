// Where a binding's metrics are taken: at the ports it serves, and for a group of metrics whose port it does not serve, at its exits
// (an http server serves connections, its requests are seen where it hands them on). So no binding has a line of telemetry in it.

import type { PortName, Ports } from "../bindings/binding.ts";
import type { Clock } from "../core/clock.ts";
import type { Counters } from "../core/counters.ts";
import { exchangeMetrics } from "./exchange-metrics.ts";
import { BindingSeries, type MetricsOf } from "./series.ts";
import { countedConnector, countedHandler, countedKafka, countedService, type StreamSeries, streamSeries } from "./stream-metrics.ts";

/** What observes the ports of one binding. */
export interface Observer {
  /** A port the binding serves, observed. */
  served<Name extends PortName>(name: Name, port: Ports[Name]): Ports[Name];
  /** A port the binding exits to, observed as seen from it. */
  exited<Name extends PortName>(name: Name, port: Ports[Name]): Ports[Name];
}

type Wrap = <Name extends PortName>(name: Name, port: Ports[Name]) => Ports[Name];
/** One function a port, so that each is typed by its name. */
type Wraps = { readonly [Name in PortName]?: (port: Ports[Name]) => Ports[Name] };

const wrapWith =
  (...all: readonly Wraps[]): Wrap =>
  (name, port) =>
    all.reduce((inner, wraps) => wraps[name]?.(inner) ?? inner, port);

const streamWraps = (series: StreamSeries): Wraps => ({
  connection: (handler) => countedHandler(series, handler),
  connector: (connector) => countedConnector(series, connector),
  http: (service) => countedService(series, service),
  grpc: (service) => countedService(series, service),
  kafka: (kafka) => countedKafka(series, kafka),
});

/** The observer of a binding that serves `serves`, with the metrics of `of`. */
export const observer = (
  of: MetricsOf,
  serves: readonly PortName[],
  { counters, clock }: { counters: Counters; clock: Clock },
): Observer => {
  const series = new BindingSeries(counters, of);
  const groups: { readonly at: readonly PortName[]; readonly wraps: Wraps }[] = [];
  if (series.any("grpc")) groups.push({ at: ["grpc"], wraps: { grpc: exchangeMetrics("grpc", { series, clock }) } });
  if (series.any("http")) groups.push({ at: ["http"], wraps: { http: exchangeMetrics("http", { series, clock }) } });
  if (series.any("stream"))
    groups.push({ at: ["connection", "connector", "http", "grpc", "kafka"], wraps: streamWraps(streamSeries(series)) });
  const isServed = ({ at }: { readonly at: readonly PortName[] }): boolean => at.some((name) => serves.includes(name));
  const servedWraps = groups.filter(isServed).map(({ wraps }) => wraps);
  const exitedWraps = groups.filter((group) => !isServed(group)).map(({ wraps }) => wraps);
  return { served: wrapWith(...servedWraps), exited: wrapWith(...exitedWraps) };
};
