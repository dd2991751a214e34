// `npm run long:backlog`: a million messages that nobody has in memory, and a thousand readers, each of its own part of them and at its own
// pace. What they are given is right, what the process holds meanwhile stays small, and Kafka is not asked for much more than there is.
// With a number of readers it only rehearses, with a backlog that much smaller: `npm run long:backlog -- 100`.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "../../src/core/clock.ts";
import { CANCELLED, type Status, StatusError } from "../../src/core/status.ts";
import { CachedKafka } from "../../src/kafka/log/cached.ts";
import { LogMemory } from "../../src/kafka/log/log-memory.ts";
import { sourceOf } from "../../src/kafka/log/topic-source.ts";
import type { FetchStart, Kafka, ProducedRecord, StoredRecord } from "../../src/ports/kafka.ts";
import type { Batch, Reply, Requests } from "../../src/ports/service.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";
import { BACKLOG } from "./expected.ts";
import { longRun, type Report, rehearse } from "./record.ts";

const MIB = 1_024 * 1_024;
const VALUE_BYTES = 100;
const PRODUCE_RECORDS = 256;
/** Produces on their way at once. */
const PRODUCES = 50;
/** What a reader waits after each batch that it was given: its own time, up to this. */
const PACE_MS_MAX = 500;
const LOOK_EVERY_MS = 250;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void; // What the flag exposes.

/** What lives, in MiB. Buffers that nobody has any more are given back with the collection after the one that finds them. */
const liveMib = (): number => {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
};

const produceOne = (kafka: Kafka, topic: string, records: Batch<ProducedRecord>): Promise<void> =>
  new Promise((resolve, reject) =>
    kafka.produce({ topic, acks: "leader_only" }, records, {
      produced: (status) => (status.code === 0 ? resolve() : reject(new StatusError(status))),
    }),
  );

const fill = async (kafka: Kafka, topic: string, count: number): Promise<void> => {
  const value = (offset: number): Uint8Array => Buffer.from(`message ${offset}`.padEnd(VALUE_BYTES, "."));
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      const from = next;
      next = Math.min(count, from + PRODUCE_RECORDS);
      const records = Array.from({ length: next - from }, (_, at) => ({ key: null, value: value(from + at), headers: [] }));
      await produceOne(kafka, topic, records);
    }
  };
  await Promise.all(Array.from({ length: PRODUCES }, one));
};

/** Takes its part of the topic, batch by batch with a pause after each, and leaves. */
class PacedReader implements Reply<StoredRecord, FetchStart> {
  readonly done: Promise<void>;
  readonly #paceMs: number;
  readonly #end: number;
  #next: number;
  #requests: Requests<never> | undefined;
  #settle!: { resolve(): void; reject(reason: unknown): void };

  constructor(from: number, paceMs: number) {
    this.#next = from;
    this.#end = from + BACKLOG.each;
    this.#paceMs = paceMs;
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  read(kafka: Kafka, topic: string): void {
    const from = new Map([[0, this.#next]]);
    this.#requests = kafka.fetch({ topic, from, filters: [], isolation: "read_committed" }, this);
  }

  headers(): void {}
  write(batch: Batch<StoredRecord>): boolean {
    for (const { offset } of batch) {
      if (offset !== this.#next) this.#settle.reject(new Error(`offset ${offset} came, and ${this.#next} should have`));
      this.#next = offset + 1;
      if (this.#next === this.#end) break;
    }
    if (this.#next < this.#end) systemClock.after(this.#paceMs, () => this.#requests?.ready());
    else {
      this.#requests?.cancel(CANCELLED);
      this.#settle.resolve();
    }
    return false;
  }
  end(status: Status): void {
    this.#settle.reject(new StatusError(status));
  }
  ready(): void {}
}

const readAll = async (kafka: Kafka, topic: string, { readers, records }: { readonly readers: number; readonly records: number }) => {
  const apart = (records - BACKLOG.each) / Math.max(1, readers - 1);
  const all = Array.from({ length: readers }, (_, at) => new PacedReader(Math.floor(at * apart), (at * 37) % PACE_MS_MAX));
  const before = liveMib();
  let most = before;
  const over = new AbortController();
  const looking = (async () => {
    for (; !over.signal.aborted; await sleep(LOOK_EVERY_MS)) most = Math.max(most, liveMib());
  })();
  for (const reader of all) reader.read(kafka, topic);
  await Promise.all(all.map(({ done }) => done)).finally(() => over.abort());
  await looking;
  return most - before;
};

const play =
  (readers: number) =>
  async (report: Report): Promise<void> => {
    const records = (BACKLOG.records / BACKLOG.readers) * readers;
    const kafka = await sharedKafka();
    const { client, runtime } = clientOf(kafka.bootstrap);
    await client.start();
    const source = sourceOf(client);
    assert.ok(source);
    const memory = new LogMemory(BACKLOG.logMib * MIB);
    const cache = new CachedKafka({ kafka: client, source, clock: systemClock, bootstrap: [], from: () => "latest", unread() {}, memory });
    try {
      const { backlog: topic = "" } = await kafka.topics({ backlog: 1 });
      await fill(client, topic, records);
      const grownMib = await readAll(cache, topic, { readers, records });
      report.figure("most that lived beside what did before, MiB", grownMib);
      assert.ok(grownMib <= BACKLOG.grownMib, `${grownMib} MiB more lived than before`);
      report.pass(
        `${readers} readers were each given ${BACKLOG.each} of ${records} messages, and at most ${BACKLOG.grownMib} MiB lived for them`,
      );
      report.figure("records fetched for each of the backlog", runtime.count("sluice.kafka.fetch.records") / records);
    } finally {
      cache.close();
      await client.close();
      await kafka.stop();
    }
  };

const rehearsal = process.argv[2];
if (rehearsal === undefined) await longRun("backlog", play(BACKLOG.readers));
else if (/^[1-9][0-9]*$/.test(rehearsal)) await rehearse(play(Number(rehearsal)));
else throw new Error(`'${rehearsal}' is no number of readers`);
