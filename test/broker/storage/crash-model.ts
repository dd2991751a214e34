// What a log must hold after a power cut, by what it was given and what it has acknowledged.
import assert from "node:assert/strict";
import { type BatchFacts, factsOf, isControl, isTransactional, lastSequenceOf } from "../../../src/broker/storage/batch-facts.ts";
import { decodeMarker } from "../../../src/broker/storage/markers.ts";
import type { PartitionLog } from "../../../src/broker/storage/partition-log.ts";
import { copy } from "../../../src/core/bytes.ts";
import { nextOffsetOf, readFrom } from "./kit.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

export class LogModel {
  /** Base offset → every batch that was ever given this place. */
  readonly #given = new Map<number, Set<string>>();
  /** Base offset → the batch that was acknowledged there. */
  readonly #acknowledged = new Map<number, string>();
  #deletedBefore = 0;
  #deletionAsked = 0;

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  given(bytes: Uint8Array): string {
    const { baseOffset } = factsOf(bytes);
    const told = hex(bytes);
    this.#given.set(baseOffset, (this.#given.get(baseOffset) ?? new Set()).add(told));
    return told;
  }

  acknowledge(baseOffset: number, told: string): void {
    this.#acknowledged.set(baseOffset, told);
  }

  deletionAsked(offset: number): void {
    this.#deletionAsked = Math.max(this.#deletionAsked, offset);
  }

  deleted(offset: number): void {
    this.#deletedBefore = Math.max(this.#deletedBefore, offset);
  }

  /** One read while the log goes on: nothing but what was given, in order. */
  checkRead(batches: readonly Uint8Array[]): void {
    let next: number | undefined;
    for (const batch of batches) {
      const { baseOffset, lastOffset } = factsOf(batch);
      if (next !== undefined) assert.equal(baseOffset, next, "batches follow each other");
      assert.ok(this.#given.get(baseOffset)?.has(hex(batch)), `the batch at ${baseOffset} was given`);
      next = lastOffset + 1;
    }
  }

  /** After a start: everything that was acknowledged is there, and nothing that was not given. What is there is durable from now on. */
  async checkAfterStart(log: PartitionLog): Promise<void> {
    assert.ok(log.startOffset >= this.#deletedBefore, "deleted records stay deleted");
    assert.ok(log.startOffset <= this.#deletionAsked, `start ${log.startOffset} is not beyond ${this.#deletionAsked}`);
    const batches = await allBatches(log);
    this.checkRead(batches);
    const there = new Map(batches.map((batch) => [factsOf(batch).baseOffset, hex(batch)]));
    for (const [offset, told] of this.#acknowledged)
      if (offset >= log.startOffset) assert.equal(there.get(offset), told, `the batch acknowledged at ${offset} is there`);
    for (const [offset, told] of there) this.#acknowledged.set(offset, told);
    checkProducers(log, batches.map(factsOf));
    if (log.startOffset === 0) checkTransactions(log, batches);
  }
}

export const allBatches = async (log: PartitionLog): Promise<Uint8Array[]> => {
  const found: Uint8Array[] = [];
  for (let offset = log.startOffset; offset < log.highWatermark; ) {
    const batches = await readFrom(log, offset, 2_000);
    assert.ok(batches.length > 0, `there is something at ${offset}`);
    found.push(...batches.map(copy));
    offset = nextOffsetOf(batches.at(-1)!);
  }
  return found;
};

const checkProducers = (log: PartitionLog, facts: readonly BatchFacts[]): void => {
  const last = new Map<number, BatchFacts>();
  for (const batch of facts) if (batch.producerId >= 0 && !isControl(batch)) last.set(batch.producerId, batch);
  for (const [id, batch] of last) {
    const known = log.producer(id)?.batches.at(-1);
    assert.equal(known?.lastSequence, lastSequenceOf(batch), `the last sequence of producer ${id} is known`);
    assert.equal(known?.lastOffset, batch.lastOffset);
  }
};

const checkTransactions = (log: PartitionLog, batches: readonly Uint8Array[]): void => {
  const open = new Map<number, number>();
  const aborted: (readonly [producerId: number, first: number, last: number])[] = [];
  for (const batch of batches) {
    const facts = factsOf(batch);
    if (isControl(facts)) {
      const first = open.get(facts.producerId);
      if (first !== undefined && decodeMarker(batch)?.outcome === "abort") aborted.push([facts.producerId, first, facts.lastOffset]);
      open.delete(facts.producerId);
    } else if (isTransactional(facts) && !open.has(facts.producerId)) open.set(facts.producerId, facts.baseOffset);
  }
  assert.equal(log.lastStableOffset, Math.min(log.highWatermark, ...open.values()), "the last stable offset");
  assert.deepEqual(
    log.abortedIn(0, log.highWatermark).map(({ producerId, firstOffset, lastOffset }) => [producerId, firstOffset, lastOffset]),
    aborted,
    "the aborted transactions",
  );
};

/** What a compacted log must hold: of every key the newest acknowledged value, or one that was given after it. */
export class StateModel {
  readonly #given = new Map<string, { readonly value: string | null; isAcknowledged: boolean }[]>();

  given(key: string, value: string | null): () => void {
    const attempt = { value, isAcknowledged: false };
    const attempts = this.#given.get(key) ?? [];
    attempts.push(attempt);
    this.#given.set(key, attempts);
    return () => {
      attempt.isAcknowledged = true;
    };
  }

  checkAfterStart(entries: ReadonlyMap<string, string>): void {
    for (const [key, attempts] of this.#given) {
      const from = attempts.findLastIndex(({ isAcknowledged }) => isAcknowledged);
      const allowed: (string | null)[] = attempts.slice(Math.max(from, 0)).map(({ value }) => value);
      if (from === -1) allowed.push(null);
      const found = entries.get(key) ?? null;
      assert.ok(allowed.includes(found), `${key} is ${found}, one of ${allowed.map(String).join()} is wanted`);
      attempts.splice(0, attempts.length, { value: found, isAcknowledged: true });
    }
    for (const key of entries.keys()) assert.ok(this.#given.has(key), `${key} was given`);
  }
}
