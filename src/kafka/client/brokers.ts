// The brokers of a cluster and the connections to them: where they are, which may be dialled, and how soon after a failure again. A
// broker answers one request of a connection after the other, so whatever may take long has a connection of its own.
import type { Clock } from "../../core/clock.ts";
import { fail } from "../../core/status.ts";
import type { Dial } from "../../ports/connection.ts";
import { backoffMs } from "./backoff.ts";
import { explain, type Failure } from "./failure.ts";
import { Life } from "./life.ts";
import { type Link, type LinkOptions, openLink, type Sasl } from "./link.ts";
import type { Report } from "./report.ts";

/** What shares a connection: `admin` is for metadata, offsets and whatever is answered at once. */
export type Purpose = "admin" | "produce" | "commit";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}
export interface Broker extends BrokerAddress {
  readonly id: number;
}

export interface BrokersOptions {
  /** Where to begin; at least one. */
  readonly bootstrap: readonly BrokerAddress[];
  readonly dial: Pick<Dial, "allows" | "tls">;
  /**
   * Where the only broker of a cluster is, whatever it says of itself: it may be behind something that it does not know of. The brokers of
   * a larger cluster cannot all be there.
   */
  readonly only?: BrokerAddress;
  readonly clientId: string;
  readonly sasl?: Sasl;
  readonly clock: Clock;
  readonly report: Report;
  /** For tests; `openLink` else. */
  readonly open?: (options: LinkOptions) => Promise<Link>;
}

/** How an address has fared lately. */
interface Standing {
  failures: number;
  notBeforeMs: number;
}

const textOf = ({ host, port }: BrokerAddress): string => `${host}:${port}`;

export class Brokers {
  readonly #options: BrokersOptions;
  readonly #life: Life;
  readonly #known = new Map<number, Broker>();
  readonly #shared = new Map<string, Promise<Link>>();
  readonly #standings = new Map<string, Standing>();
  readonly #open = new Set<Link>();
  #turn = Math.floor(Math.random() * 1_000);

  constructor(options: BrokersOptions) {
    this.#options = options;
    this.#life = new Life(options.clock);
  }

  /** What the cluster's metadata say. */
  update(brokers: readonly Broker[]): void {
    const { only } = this.#options;
    this.#known.clear();
    for (const broker of brokers) this.#known.set(broker.id, only && brokers.length === 1 ? { ...only, id: broker.id } : broker);
  }

  has(id: number): boolean {
    return this.#known.has(id);
  }

  /** The connection to a broker that is shared by all of one purpose. After a failure it waits before it dials again. */
  async link(id: number, purpose: Purpose): Promise<Link> {
    return this.#sharedLink(this.#broker(id), `${id} ${purpose}`);
  }

  /** A connection of one's own, to be closed by whoever has it. */
  async own(id: number, requestTimeoutMs?: number): Promise<Link> {
    return this.#dial(this.#broker(id), `broker ${id}`, requestTimeoutMs);
  }

  /** Some broker: one that is known, or one of the bootstrap list; another each time, so that a dead one is passed over. */
  any(): Promise<Link> {
    const addresses = this.#candidates();
    const open = addresses.find(({ key }) => this.#standings.get(key)?.failures === 0 && this.#shared.has(`${key} admin`));
    const { address, key } = open ?? addresses[this.#turn++ % addresses.length]!;
    return this.#sharedLink(address, `${key} admin`);
  }

  close(): void {
    this.#life.end();
    for (const link of this.#open) link.close();
  }

  /** Those that may be tried now come first. */
  #candidates(): { readonly address: BrokerAddress; readonly key: string }[] {
    const { bootstrap, clock, dial } = this.#options;
    const all = new Map<string, BrokerAddress>();
    for (const address of [...this.#known.values(), ...bootstrap]) {
      if (dial.allows(address.host, address.port) || bootstrap.includes(address)) all.set(textOf(address), address);
    }
    const nowMs = clock.monotonicMs();
    const candidates = [...all].map(([key, address]) => ({ key, address }));
    const ready = candidates.filter(({ key }) => (this.#standings.get(key)?.notBeforeMs ?? 0) <= nowMs);
    return ready.length > 0 ? ready : candidates;
  }

  #broker(id: number): BrokerAddress {
    const broker = this.#known.get(id);
    if (!broker) throw fail("UNAVAILABLE", `kafka: broker ${id} is not known`);
    if (this.#options.dial.allows(broker.host, broker.port)) return broker;
    const reason = `broker ${id} is at ${textOf(broker)}, which the routes of the tcp client do not allow`;
    this.#options.report.trouble("broker.connection.failed", reason);
    throw fail("UNAVAILABLE", `kafka: ${reason}`);
  }

  async #sharedLink(address: BrokerAddress, key: string): Promise<Link> {
    const known = this.#shared.get(key);
    if (known) {
      const link = await known;
      if (link.open) return link;
      if (this.#shared.get(key) === known) this.#shared.delete(key); // It is closing, and has not said so yet.
    }
    return this.#shared.get(key) ?? this.#share(address, key);
  }

  #share(address: BrokerAddress, key: string): Promise<Link> {
    const opening = this.#dial(address, `broker ${textOf(address)}`);
    this.#shared.set(key, opening);
    const forget = (): void => {
      if (this.#shared.get(key) === opening) this.#shared.delete(key);
    };
    opening.then((link) => link.onClosed(forget), forget);
    return opening;
  }

  async #dial(address: BrokerAddress, name: string, requestTimeoutMs?: number): Promise<Link> {
    const { clock, dial, clientId, sasl, report, open = openLink } = this.#options;
    const standing = this.#standingOf(address);
    const waitMs = standing.notBeforeMs - clock.monotonicMs();
    if (waitMs > 0) await this.#life.wait(waitMs);
    const { host, port } = address;
    try {
      const tls = dial.tls?.();
      const bug = (reason: unknown): void => report.error("a fault in the kafka client", reason);
      const timeout = requestTimeoutMs === undefined ? {} : { requestTimeoutMs };
      const link = await open({ host, port, clientId, bug, ...timeout, ...(tls ? { tls } : {}), ...(sasl ? { sasl } : {}) });
      this.#opened(link, standing, name);
      return link;
    } catch (reason) {
      throw this.#failed(standing, name, explain(reason, sasl?.mechanism));
    }
  }

  #standingOf(address: BrokerAddress): Standing {
    const key = textOf(address);
    let standing = this.#standings.get(key);
    if (!standing) {
      standing = { failures: 0, notBeforeMs: 0 };
      this.#standings.set(key, standing);
    }
    return standing;
  }

  #opened(link: Link, standing: Standing, name: string): void {
    if (standing.failures > 0) this.#options.report.info(`connected to ${name} again`);
    standing.failures = 0;
    standing.notBeforeMs = 0;
    this.#options.report.counter("sluice.kafka.connections").value += 1;
    this.#open.add(link);
    link.onClosed(() => this.#open.delete(link));
    if (this.#life.over) link.close();
  }

  #failed(standing: Standing, name: string, failure: Failure): Error {
    const { clock, report } = this.#options;
    standing.failures += 1;
    standing.notBeforeMs = clock.monotonicMs() + backoffMs(standing.failures);
    const message = `cannot connect to ${name}: ${failure.reason}`;
    if (!this.#life.over && report.warn(`${message}; it is tried again`)) report.event(failure.event, message);
    return fail("UNAVAILABLE", `kafka: ${message}`);
  }
}
