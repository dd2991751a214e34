// The series of one binding: those that the configuration switches on are kept in the counters, the others count into the void, so that
// the layers need no question on the path.
import { Counter, type Counters, Histogram } from "../core/counters.ts";

/** Which metrics of a binding are on. */
export interface MetricsOf {
  readonly namespace: string;
  readonly binding: string;
  readonly enabled: ReadonlySet<string>;
}

export class BindingSeries {
  readonly #counters: Counters;
  readonly #of: MetricsOf;

  constructor(counters: Counters, of: MetricsOf) {
    this.#counters = counters;
    this.#of = of;
  }

  /** Whether any metric of a group (`grpc`, `http`, `stream`) is on. */
  any(group: string): boolean {
    for (const name of this.#of.enabled) if (name.startsWith(`${group}.`)) return true;
    return false;
  }

  counter(metric: string): Counter {
    const { namespace, binding, enabled } = this.#of;
    return enabled.has(metric) ? this.#counters.counter({ metric, namespace, binding }) : new Counter();
  }

  histogram(metric: string): Histogram {
    const { namespace, binding, enabled } = this.#of;
    return enabled.has(metric) ? this.#counters.histogram({ metric, namespace, binding }) : new Histogram();
  }
}
