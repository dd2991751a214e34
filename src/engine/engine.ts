// The running program: a checked graph, linked, started and drained, with what all bindings share.
import type { Binding, Listening, Runtime } from "../bindings/binding.ts";
import type { Graph } from "../config/graph.ts";
import type { BindingNode } from "../config/node.ts";
import type { ConfigError, Warning } from "../config/place.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Counters } from "../core/counters.ts";
import { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import { Wheel } from "../flow/wheel.ts";
import type { Share } from "../ports/kafka.ts";
import { enabledMetrics, idlePatterns } from "../telemetry/enabled.ts";
import { declareMetrics } from "../telemetry/metrics.ts";
import { observer } from "../telemetry/observed.ts";
import { Exporters } from "./exporters.ts";
import { Lifecycle } from "./lifecycle.ts";
import { definitionName, type LinkedBinding, link } from "./link.ts";
import { Resources } from "./resources.ts";
import type { WorkerPlace } from "./workers/worker-place.ts";

export interface EngineOptions {
  readonly graph: Graph;
  /** Every binding there is. */
  readonly bindings: readonly Binding<unknown>[];
  readonly properties: ReadonlyMap<string, string>;
  readonly log: Log;
  readonly clock?: Clock;
  readonly printEvents?: boolean;
  /** Of the replies that find the process that waits for them. */
  readonly share?: Share;
  /** Present in one of several processes that serve this graph. */
  readonly worker?: WorkerPlace;
  /** Where events are printed. */
  out(text: string): void;
}

/** Drained calls may take this long, unless the property says otherwise. */
export const DRAIN_MS_DEFAULT = 30_000;
/** So many events one of several processes can print before its numbers are another's. */
const EVENTS_OF_A_WORKER = 2 ** 44;
/** The name of what concerns the process, in events. */
const ENGINE = { namespace: "sys", name: "engine" } as const;

export class Engine {
  readonly counters = new Counters();
  readonly events = new Events();
  readonly mistakes: readonly ConfigError[];
  readonly warnings: readonly Warning[];
  readonly #options: EngineOptions;
  readonly #clock: Clock;
  readonly #wheel: Wheel;
  readonly #lifecycle: Lifecycle;
  readonly #exporters: Exporters;

  /** Links; nothing is opened. Whoever made it looks at `mistakes` before `start`. */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#wheel = new Wheel(this.#clock);
    declareMetrics(this.counters);
    const { linked, mistakes } = this.#link();
    this.mistakes = mistakes;
    this.warnings = options.graph.namespaces.flatMap(({ value, bindings }) =>
      bindings.flatMap((node) => idlePatterns(value.at("telemetry"), node)),
    );
    this.#lifecycle = new Lifecycle(linked, { clock: this.#clock, log: options.log });
    this.#exporters = this.#exportersOf(options);
  }

  /** Rejects with what could not be started, after closing what was. */
  async start(): Promise<void> {
    try {
      await this.#exporters.start();
      await this.#lifecycle.start();
    } catch (reason) {
      await this.#exporters.close();
      throw reason;
    }
    this.#emit("engine.started", "Engine Started.");
  }

  /** Finishes what is in hand, at most for `drainMs`, and closes everything. Never rejects. */
  async stop(drainMs: number): Promise<void> {
    await this.#lifecycle.drain(drainMs);
    await this.#lifecycle.close();
    this.#emit("engine.stopped", "Engine Stopped.");
    await this.#exporters.close();
    this.#wheel.close();
  }

  /** Of several processes, their supervisor answers for the metrics of all. */
  #exportersOf({ graph, printEvents = false, out, worker }: EngineOptions): Exporters {
    const nodes = graph.namespaces.flatMap(({ exporters }) => exporters);
    const own = worker ? nodes.filter(({ type }) => type !== "prometheus") : nodes;
    const eventsBefore = worker ? (worker.number - 1) * EVENTS_OF_A_WORKER : 0;
    return new Exporters(own, { counters: () => this.counters, events: this.events, printEvents, eventsBefore, out });
  }

  #emit(event: string, message: string): void {
    const { worker } = this.#options;
    if (worker && worker.number > 1) return; // Several processes are one engine, and the first says so.
    this.events.emit({ ...ENGINE, event, message, timeMs: this.#clock.now() });
  }

  #link(): { readonly linked: readonly LinkedBinding[]; readonly mistakes: readonly ConfigError[] } {
    const { graph, bindings, log } = this.#options;
    const resources = new Resources(log, this.#clock);
    const telemetryOf = new Map(graph.namespaces.map(({ name, value }) => [name, value.at("telemetry")]));
    return link(graph.bindings, {
      definitions: new Map(bindings.map((binding) => [definitionName(binding), binding])),
      runtime: (node) => this.#runtime(node, resources),
      observer: (node, serves) => {
        const telemetry = telemetryOf.get(node.namespace);
        const enabled: ReadonlySet<string> = telemetry ? enabledMetrics(telemetry, node) : new Set();
        return observer({ namespace: node.namespace, binding: node.name, enabled }, serves, {
          counters: this.counters,
          clock: this.#clock,
        });
      },
    });
  }

  #runtime(node: BindingNode, resources: Resources): Runtime {
    return {
      namespace: node.namespace,
      name: node.name,
      clock: this.#clock,
      wheel: this.#wheel,
      log: this.#options.log,
      events: this.events,
      counters: this.counters,
      catalog: (reference) => resources.catalog(node, reference),
      vault: (reference) => resources.vault(node, reference),
      property: (name) => this.#options.properties.get(name),
      ...(this.#options.share ? { share: this.#options.share } : {}),
      ...(this.#options.worker ? { listening: listeningOf(this.#options.worker, node) } : {}),
    };
  }
}

const listeningOf = ({ first, chosen, listens }: WorkerPlace, { qualified }: BindingNode): Listening => ({
  first,
  chosen: (at) => chosen[qualified]?.[at],
  listens: (at, port) => listens(qualified, at, port),
});
