// Start from the far end, drain from the near end: the order in which bound bindings are started, drained and closed.
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { StatusError } from "../core/status.ts";
import type { LinkedBinding } from "./link.ts";

/**
 * Bindings that consume by themselves go on while the servers still have calls, since they may be the ones that answer them; this
 * share of the time is the servers', the rest is for settling, committing and leaving the group.
 */
export const SERVERS_SHARE = 2 / 3;

export class Lifecycle {
  readonly #linked: readonly LinkedBinding[];
  readonly #clock: Clock;
  readonly #log: Log;
  /** In the order they were started. */
  readonly #started: LinkedBinding[] = [];

  /** `linked` has exits before those that exit to them. */
  constructor(linked: readonly LinkedBinding[], { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#linked = linked;
    this.#clock = clock;
    this.#log = log;
  }

  /** Rejects with the first failure, after closing what had started. */
  async start(): Promise<void> {
    for (const each of this.#linked) {
      this.#started.push(each);
      try {
        await each.bound.start?.();
      } catch (reason) {
        await this.close();
        throw reason;
      }
    }
  }

  /** Finishes what is in hand within `forMs`; what fails to drain is logged and closed like the others. */
  async drain(forMs: number): Promise<void> {
    const now = this.#clock.now();
    const { servers, consumers, others } = this.#parts();
    for (const layer of layersOf(servers)) await this.#drainAll(layer, now + forMs * SERVERS_SHARE);
    await this.#drainAll(consumers, now + forMs);
    for (const each of others) await this.#drainAll([each], now + forMs);
  }

  async close(): Promise<void> {
    for (const { node, bound } of this.#started.splice(0).reverse()) {
      await this.#tolerated(`${node.qualified} did not close`, async () => bound.close?.());
    }
  }

  #parts(): Record<"servers" | "consumers" | "others", readonly LinkedBinding[]> {
    const nearFirst = [...this.#started].reverse();
    const isServer = ({ node, serves }: LinkedBinding): boolean =>
      serves.includes("connection") || (serves.length === 0 && node.entry === undefined);
    const servers = nearFirst.filter(isServer);
    const consumers = nearFirst.filter(({ node }) => node.entry !== undefined);
    return { servers, consumers, others: nearFirst.filter((each) => !servers.includes(each) && !consumers.includes(each)) };
  }

  async #drainAll(layer: readonly LinkedBinding[], untilMs: number): Promise<void> {
    await Promise.all(
      layer.map(({ node, bound }) => this.#tolerated(`${node.qualified} did not drain`, async () => bound.drain?.(untilMs))),
    );
  }

  async #tolerated(message: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (reason) {
      this.#log.error(message, {}, StatusError.from(reason).cause ?? reason);
    }
  }
}

/** The way in, from the near end. */
const WAY_IN: readonly string[] = ["tcp", "tls", "http"];

/** Those of one type have nothing to do with each other and drain together. */
const layersOf = (servers: readonly LinkedBinding[]): readonly (readonly LinkedBinding[])[] => {
  const known = WAY_IN.map((type) => servers.filter(({ node }) => node.type === type));
  return [...known, servers.filter(({ node }) => !WAY_IN.includes(node.type))];
};
