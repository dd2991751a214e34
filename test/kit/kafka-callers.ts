// Callers of the kafka port for tests: a produce as a promise, a reader and a member that remember what they were given and can be waited on.
import assert from "node:assert/strict";
import { CANCELLED, type Status } from "../../src/core/status.ts";
import type {
  ConsumeEvent,
  ConsumeQuery,
  ConsumeRequest,
  ConsumeStart,
  FetchQuery,
  FetchStart,
  Kafka,
  Position,
  ProducedRecord,
  ProduceTo,
  StoredRecord,
  Written,
} from "../../src/ports/kafka.ts";
import type { Reply, Requests, Service } from "../../src/ports/service.ts";
import { strict } from "./strict.ts";

export interface Receipted {
  readonly status: Status;
  readonly at: Written | undefined;
}

/** Settles with the receipt, whatever it says. */
export const produced = (kafka: Kafka, to: ProduceTo, records: readonly ProducedRecord[]): Promise<Receipted> =>
  new Promise((settle, fail) => {
    let inside = true;
    kafka.produce(to, records, {
      produced(status, at) {
        if (inside) fail(new assert.AssertionError({ message: "a receipt in the turn of its produce" }));
        else settle({ status, at });
      },
    });
    inside = false;
  });

/** One exchange under the contract, whose replies are kept. */
class Exchange<Request, Item, Meta> implements Reply<Item, Meta> {
  readonly items: Item[] = [];
  status: Status | undefined;
  meta: Meta | undefined;
  readonly #slow: boolean;
  #requests: Requests<Request> | undefined;
  #left = false;
  #waiting: { holds: () => boolean; settle: () => void }[] = [];

  constructor(slow: boolean) {
    this.#slow = slow;
  }

  start<Head>(service: Service<Head, Request, Item, Meta>, head: Head): this {
    this.#requests = strict(service)(head, this);
    return this;
  }

  headers(meta: Meta): void {
    this.meta = meta;
    this.#changed();
  }
  write(batch: readonly Item[]): boolean {
    assert.ok(!this.#left, "a write after the cancel");
    this.items.push(...batch);
    this.#changed();
    if (!this.#slow) return true;
    setImmediate(() => {
      if (!this.#left && !this.status) this.#requests!.ready();
    });
    return false;
  }
  end(status: Status): void {
    this.status = status;
    this.#changed();
  }
  ready(): void {}

  request(request: Request): void {
    this.#requests!.write([request]);
  }

  /** Settles once that holds; fails when the exchange ends first. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((settle, fail) => {
      const look = (): boolean => holds() || this.status !== undefined;
      const done = (): void => (holds() ? settle() : fail(new Error(`the exchange ended: ${this.status?.code} ${this.status?.message}`)));
      if (look()) done();
      else this.#waiting.push({ holds: look, settle: done });
    });
  }

  async ended(): Promise<Status> {
    await this.until(() => this.status !== undefined);
    return this.status!;
  }

  cancel(): void {
    this.#left = true;
    if (this.status === undefined) this.#requests!.cancel(CANCELLED);
  }

  #changed(): void {
    const now = this.#waiting.filter(({ holds }) => holds());
    this.#waiting = this.#waiting.filter((waiting) => !now.includes(waiting));
    for (const { settle } of now) settle();
  }
}

/** A fetch. */
export class Fetching {
  readonly #exchange: Exchange<never, StoredRecord, FetchStart>;

  constructor(kafka: Pick<Kafka, "fetch">, query: Partial<FetchQuery> & Pick<FetchQuery, "topic">, slow: "slow" | "fast" = "fast") {
    this.#exchange = new Exchange<never, StoredRecord, FetchStart>(slow === "slow");
    this.#exchange.start(kafka.fetch, { from: "earliest", filters: [], isolation: "read_committed", ...query });
  }

  get records(): readonly StoredRecord[] {
    return this.#exchange.items;
  }
  /** The values as text; "null" for a tombstone. */
  get values(): readonly string[] {
    return this.records.map(({ value }) => (value === null ? "null" : Buffer.from(value).toString()));
  }
  /** Settles with where it began. */
  async started(): Promise<Position> {
    await this.#exchange.until(() => this.#exchange.meta !== undefined);
    return this.#exchange.meta!.position;
  }
  async until(count: number): Promise<void> {
    await this.#exchange.until(() => this.records.length >= count);
  }
  ended(): Promise<Status> {
    return this.#exchange.ended();
  }
  cancel(): void {
    this.#exchange.cancel();
  }
}

/** A member of a group. It lets revoked partitions go when told to. */
export class Consuming {
  readonly #exchange: Exchange<ConsumeRequest, ConsumeEvent, ConsumeStart>;

  constructor(kafka: Kafka, query: ConsumeQuery, slow: "slow" | "fast" = "fast") {
    this.#exchange = new Exchange<ConsumeRequest, ConsumeEvent, ConsumeStart>(slow === "slow");
    this.#exchange.start(kafka.consume, query);
  }

  get events(): readonly ConsumeEvent[] {
    return this.#exchange.items;
  }
  get records(): readonly StoredRecord[] {
    return this.events.flatMap((event) => (event.kind === "records" ? event.records : []));
  }
  until(holds: (member: Consuming) => boolean): Promise<void> {
    return this.#exchange.until(() => holds(this));
  }
  ended(): Promise<Status> {
    return this.#exchange.ended();
  }
  send(request: ConsumeRequest): void {
    this.#exchange.request(request);
  }
  cancel(): void {
    this.#exchange.cancel();
  }
}
