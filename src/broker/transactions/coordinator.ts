// The transaction coordinator: keeps the transactional ids, remembers every step before it is answered, and writes the markers that end a
// transaction until all of them stand. One request of an id at a time; another meanwhile waits, for markers only a while.
import { text, utf8 } from "../../core/bytes.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { KafkaErrorName } from "../../kafka/wire/errors.ts";
import { BrokerError } from "../broker-error.ts";
import { Turns } from "../storage/turns.ts";
import { Joining } from "./joining.ts";
import type { ProducerIds } from "./producer-ids.ts";
import type { StateStore } from "./state-store.ts";
import {
  type Added,
  born,
  completed,
  covers,
  coversGroup,
  ending,
  extended,
  initialized,
  isPrepared,
  markerProducer,
  type Producer,
  type Step,
  type Transaction,
  type TransactionPartition,
  timedOut,
} from "./transaction.ts";

/** Kafka's transaction.max.timeout.ms. */
export const TIMEOUT_MS_MAX = 900_000;
/** An id that was not used for so long is forgotten (transactional.id.expiration.ms). */
export const EXPIRATION_MS = 7 * 24 * 3_600_000;
/** How often open transactions are looked at. */
export const LOOK_MS = 1_000;
/** Between two tries to write markers that could not be written. */
const RETRY_MS = 500;
/** How long a request waits for the markers of the transaction before it, and is then told to come again. */
export const MARKERS_MS_MAX = 100;
const PREFIX = "transaction/";
/** What is not so any more, or not for long, when a part is added. */
const MENDED: readonly KafkaErrorName[] = ["INVALID_TXN_STATE", "CONCURRENT_TRANSACTIONS"];
/** The first and only: this coordinator has not moved. */
const COORDINATOR_EPOCH = 0;

/** What ends a transaction in a partition. */
export interface Ended extends Producer {
  readonly coordinatorEpoch: number;
  readonly outcome: "commit" | "abort";
}

export interface CoordinatorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: StateStore;
  /** What the store held when it was opened. */
  readonly entries: ReadonlyMap<string, Uint8Array>;
  readonly producerIds: ProducerIds;
  /** Writes the marker; settles when it is durable, or the partition is no more. */
  mark(partition: TransactionPartition, ended: Ended): Promise<void>;
  /** Makes the offsets that the producer committed in a group valid, or drops them. */
  settleOffsets(group: string, producer: Producer, commit: boolean): Promise<void>;
}

/** InitProducerId of a transactional id. */
export interface Initialization {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** What the client had, where it says so. */
  readonly asked: Producer | undefined;
}

export class TransactionCoordinator {
  readonly #options: CoordinatorOptions;
  readonly #transactions = new Map<string, Transaction>();
  readonly #turns = new Map<string, { readonly turns: Turns; waiting: number }>();
  /** Markers that are being written. */
  readonly #finishing = new Map<string, Promise<void>>();
  readonly #joining = new Joining((transactionalId, producer, gathered) => this.#extend(transactionalId, producer, gathered));
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    for (const [key, value] of options.entries) {
      if (!key.startsWith(PREFIX)) continue;
      const known = JSON.parse(text(value)) as Transaction; // Written by #remember.
      this.#transactions.set(known.transactionalId, known);
    }
  }

  /** Ends what was being ended when the process stopped, and looks after open transactions from now on. */
  start(): void {
    for (const transaction of this.#transactions.values()) if (isPrepared(transaction)) this.#finish(transaction);
    this.#lookLater();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  all(): Iterable<Transaction> {
    return this.#transactions.values();
  }
  get(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId);
  }

  /** The producer to be from now on. Throws a BrokerError. */
  async initialize({ transactionalId, timeoutMs, asked }: Initialization): Promise<Producer> {
    if (timeoutMs <= 0 || timeoutMs > TIMEOUT_MS_MAX) throw new BrokerError("INVALID_TRANSACTION_TIMEOUT");
    return this.#alone(transactionalId, async () => {
      const nowMs = this.#options.clock.now();
      const known = this.#transactions.get(transactionalId);
      const freshProducerId = await this.#options.producerIds.take();
      if (!known) return this.#remember(born(transactionalId, freshProducerId, { timeoutMs, nowMs }));
      const next = stepped(initialized(known, { asked, timeoutMs, nowMs, freshProducerId }));
      await this.#remember(next);
      if (!isPrepared(next)) return next;
      this.#finish(next);
      throw new BrokerError("CONCURRENT_TRANSACTIONS");
    });
  }

  /** Partitions and groups become part of the transaction. Throws a BrokerError. */
  extend(transactionalId: string, producer: Producer, added: Added): Promise<void> {
    return this.#joining.add(transactionalId, producer, added);
  }

  /** Whether records may be written to a partition; with `extend`, the partition is added where it was not. Throws a BrokerError. */
  async verify(
    transactionalId: string,
    producer: Producer,
    write: { readonly partition: TransactionPartition; readonly extend: boolean },
  ): Promise<void> {
    const error = covers(this.#known(transactionalId), producer, write.partition);
    if (error === undefined) return;
    if (!write.extend || !MENDED.includes(error)) throw new BrokerError(error);
    await this.extend(transactionalId, producer, { partitions: [write.partition], groups: [] });
  }

  /** Whether offsets may be committed in a group; with `extend`, the group is added where it was not. Throws a BrokerError. */
  async verifyGroup(
    transactionalId: string,
    producer: Producer,
    commit: { readonly group: string; readonly extend: boolean },
  ): Promise<void> {
    const error = coversGroup(this.#known(transactionalId), producer, commit.group);
    if (error === undefined) return;
    if (!commit.extend || !MENDED.includes(error)) throw new BrokerError(error);
    await this.extend(transactionalId, producer, { partitions: [], groups: [commit.group] });
  }

  /** Settles when the outcome is decided for good; the markers follow. The producer to be from now on. Throws a BrokerError. */
  async end(
    transactionalId: string,
    producer: Producer,
    { commit, bumps }: { readonly commit: boolean; readonly bumps: boolean },
  ): Promise<Producer> {
    return this.#alone(transactionalId, async () => {
      const known = this.#known(transactionalId);
      const freshProducerId = await this.#options.producerIds.take();
      const next = stepped(ending(known, producer, { commit, bumps, nowMs: this.#options.clock.now(), freshProducerId }));
      if (next === known) return next;
      await this.#remember(next);
      this.#finish(next);
      return next;
    });
  }

  #known(transactionalId: string): Transaction {
    const known = this.#transactions.get(transactionalId);
    if (known) return known;
    throw new BrokerError("INVALID_PRODUCER_ID_MAPPING");
  }

  async #extend(transactionalId: string, producer: Producer, gathered: () => Added): Promise<void> {
    await this.#alone(transactionalId, async () => {
      const known = this.#known(transactionalId);
      const next = stepped(extended(known, producer, { ...gathered(), nowMs: this.#options.clock.now() }));
      if (next !== known) await this.#remember(next);
    });
  }

  async #alone<T>(transactionalId: string, work: () => Promise<T>): Promise<T> {
    if (transactionalId === "") throw new BrokerError("INVALID_REQUEST", "a transactional id is not empty");
    const line = this.#turns.get(transactionalId) ?? { turns: new Turns(), waiting: 0 };
    this.#turns.set(transactionalId, line);
    line.waiting += 1;
    try {
      return await line.turns.take(async () => {
        await this.#marked(transactionalId);
        return work();
      });
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0) this.#turns.delete(transactionalId);
    }
  }

  /** Settles when no markers of it are being written, or this takes too long. */
  async #marked(transactionalId: string): Promise<void> {
    const finishing = this.#finishing.get(transactionalId);
    if (!finishing) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(MARKERS_MS_MAX, resolve);
      void finishing.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  async #remember(next: Transaction): Promise<Transaction> {
    await this.#options.store.put(PREFIX + next.transactionalId, utf8(JSON.stringify(next)));
    this.#transactions.set(next.transactionalId, next);
    return next;
  }

  /** Writes the markers, again and again until they stand, and remembers that they do. Nobody waits for it. */
  #finish(prepared: Transaction): void {
    const { transactionalId } = prepared;
    const finishing = this.#mark(prepared)
      .then(() => this.#remember(completed(prepared, this.#options.clock.now())))
      .then(() => {})
      .catch((reason: unknown) => this.#unmarked(prepared, reason))
      .finally(() => this.#finishing.delete(transactionalId));
    this.#finishing.set(transactionalId, finishing);
  }

  #unmarked(prepared: Transaction, reason: unknown): void {
    if (this.#closed) return;
    this.#options.log.warn("the markers of a transaction could not be written; they are tried again", {
      transactionalId: prepared.transactionalId,
      reason: String(reason),
    });
    this.#options.clock.after(RETRY_MS, () => this.#closed || this.#finish(prepared));
  }

  async #mark(prepared: Transaction): Promise<void> {
    const commit = prepared.state === "PrepareCommit";
    const producer = markerProducer(prepared);
    const ended: Ended = { ...producer, coordinatorEpoch: COORDINATOR_EPOCH, outcome: commit ? "commit" : "abort" };
    await Promise.all([
      ...prepared.partitions.map((partition) => this.#options.mark(partition, ended)),
      ...prepared.groups.map((group) => this.#options.settleOffsets(group, producer, commit)),
    ]);
  }

  #lookLater(): void {
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      this.#look();
      if (!this.#closed) this.#lookLater();
    });
  }

  /** Aborts what has been open for too long, forgets what was not used for long. */
  #look(): void {
    const nowMs = this.#options.clock.now();
    for (const transaction of this.#transactions.values()) {
      const { transactionalId, state, updatedMs } = transaction;
      if (this.#turns.has(transactionalId)) continue; // In use; and nothing can come between this look and a turn taken now.
      const aborting = timedOut(transaction, nowMs);
      if (aborting) this.#tolerated(transactionalId, () => this.#remember(aborting).then((next) => this.#finish(next)));
      else if (state !== "Ongoing" && !isPrepared(transaction) && updatedMs + EXPIRATION_MS < nowMs) {
        this.#tolerated(transactionalId, () => this.#forget(transactionalId));
      }
    }
  }

  async #forget(transactionalId: string): Promise<void> {
    await this.#options.store.delete(PREFIX + transactionalId);
    this.#transactions.delete(transactionalId);
  }

  /** What fails is tried again at the next look. */
  #tolerated(transactionalId: string, work: () => Promise<void>): void {
    this.#alone(transactionalId, work).catch((reason: unknown) => {
      this.#options.log.warn("a transaction could not be looked after", { transactionalId, reason: String(reason) });
    });
  }
}

const stepped = (step: Step): Transaction => {
  if ("error" in step) throw new BrokerError(step.error);
  return step.to;
};
