// What is counted of a call or a request: the `grpc.*` and `http.*` metrics, which differ by name only.
import type { Clock } from "../core/clock.ts";
import type { Counter, Histogram } from "../core/counters.ts";
import { type Watch, watched } from "../flow/watched.ts";
import type { Batch, Service } from "../ports/service.ts";
import type { BindingSeries } from "./series.ts";

interface ExchangeSeries {
  readonly active: Counter;
  readonly duration: Histogram;
  readonly requestSize: Histogram;
  readonly responseSize: Histogram;
  readonly requests: Histogram;
  readonly responses: Histogram;
}

const seriesOf = (group: "grpc" | "http", series: BindingSeries): ExchangeSeries => ({
  active: series.counter(`${group}.active.requests`),
  duration: series.histogram(`${group}.duration`),
  requestSize: series.histogram(`${group}.request.size`),
  responseSize: series.histogram(`${group}.response.size`),
  requests: series.histogram(`${group}.requests.per.rpc`),
  responses: series.histogram(`${group}.responses.per.rpc`),
});

/** The service, counted under the names of `group`. Failed exchanges count as well as others. */
export const exchangeMetrics = <Head, Meta>(
  group: "grpc" | "http",
  { series, clock }: { readonly series: BindingSeries; readonly clock: Clock },
): ((service: Service<Head, Uint8Array, Uint8Array, Meta>) => Service<Head, Uint8Array, Uint8Array, Meta>) => {
  const all = seriesOf(group, series);
  return (service) => watched(() => new ExchangeTally(all, clock), service);
};

const sizeOf = (batch: Batch<Uint8Array>): number => {
  let size = 0;
  for (let i = 0; i < batch.length; i++) size += batch[i]!.length;
  return size;
};

class ExchangeTally implements Watch<Uint8Array, Uint8Array> {
  readonly #series: ExchangeSeries;
  readonly #clock: Clock;
  readonly #sinceMs: number;
  #requests = 0;
  #requestBytes = 0;
  #responses = 0;
  #responseBytes = 0;

  constructor(series: ExchangeSeries, clock: Clock) {
    this.#series = series;
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
    series.active.value += 1;
  }
  requests(batch: Batch<Uint8Array>): void {
    this.#requests += batch.length;
    this.#requestBytes += sizeOf(batch);
  }
  replies(batch: Batch<Uint8Array>): void {
    this.#responses += batch.length;
    this.#responseBytes += sizeOf(batch);
  }
  halfClosed(): void {}
  ended(): void {
    const series = this.#series;
    series.active.value -= 1;
    series.duration.record((this.#clock.monotonicMs() - this.#sinceMs) * 1e6);
    series.requestSize.record(this.#requestBytes);
    series.responseSize.record(this.#responseBytes);
    series.requests.record(this.#requests);
    series.responses.record(this.#responses);
  }
}
