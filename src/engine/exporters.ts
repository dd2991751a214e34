// The exporters of the file at work: each is started before the bindings, so that their start can be watched, and closed after them.
import type { ExporterNode } from "../config/node.ts";
import type { Events } from "../core/events.ts";
import { type CountersSource, listenPrometheus, type PrometheusListener } from "../telemetry/prometheus.ts";
import { stdoutListener } from "../telemetry/stdout.ts";

const DEFAULT_PATH = "/metrics";

export interface Exporting {
  readonly counters: CountersSource;
  readonly events: Events;
  /** Print events without an exporter as well (`--logs`). */
  readonly printEvents: boolean;
  /** The number before that of the first event that is printed; 0 when absent. */
  readonly eventsBefore?: number;
  out(text: string): void;
}

export class Exporters {
  readonly #nodes: readonly ExporterNode[];
  readonly #exporting: Exporting;
  readonly #closing: (() => Promise<void> | void)[] = [];
  readonly #listeners: PrometheusListener[] = [];

  constructor(nodes: readonly ExporterNode[], exporting: Exporting) {
    this.#nodes = nodes;
    this.#exporting = exporting;
  }

  /** The ports that answer for metrics. */
  get ports(): readonly number[] {
    return this.#listeners.map(({ port }) => port);
  }

  /** Rejects with what could not be listened on. */
  async start(): Promise<void> {
    const { counters, events, printEvents, eventsBefore, out } = this.#exporting;
    // One line an event, however many exporters and namespaces ask for it.
    if (printEvents || this.#nodes.some(({ type }) => type === "stdout")) {
      const { hear, flush } = stdoutListener(out, eventsBefore);
      this.#closing.push(flush, events.listen(hear));
    }
    for (const node of this.#nodes.filter(({ type }) => type === "prometheus")) {
      for (const endpoint of node.at("options", "endpoints").items()) {
        const host = endpoint.at("host").string();
        const where = { port: endpoint.at("port").number() ?? 0, path: endpoint.at("path").string() ?? DEFAULT_PATH };
        const listener = await listenPrometheus(counters, host === undefined ? where : { ...where, host });
        this.#listeners.push(listener);
        this.#closing.push(() => listener.close());
      }
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }
}
