// What the way to Kafka costs by itself, without gRPC: processor time of this process for a record that is produced, and for one that is
// read; and how long a record takes to the broker and back, which nothing on top of it can be faster than.

import { systemClock } from "../src/core/clock.ts";
import { CANCELLED, StatusError } from "../src/core/status.ts";
import type { KafkaClient } from "../src/kafka/client/client.ts";
import { CachedKafka } from "../src/kafka/log/cached.ts";
import { sourceOf } from "../src/kafka/log/topic-source.ts";
import type { Acks, FetchStart, Kafka, StoredRecord } from "../src/ports/kafka.ts";
import type { Batch, Reply } from "../src/ports/service.ts";
import { clientOf } from "../test/kit/client-kafka.ts";
import type { SharedKafka } from "../test/kit/shared-kafka.ts";
import { type Figure, median, ROUNDS } from "./measure.ts";

const RECORDS = 50_000;
const ROUND_TRIPS = 500;
/** Produces of a record each that have no receipt yet. */
const OUTSTANDING = 1_000;
const VALUE = new Uint8Array(100).fill(0x2e);
const NAMES = ["zilla:service", "zilla:method", "zilla:reply-to", "zilla:correlation-id"];
const ACKS: Acks = "leader_only";

/** Each with an array of headers of its own, as records of calls have them. */
const recordOf = (at: number) => ({
  key: Buffer.from(`key ${at}`),
  value: VALUE,
  headers: NAMES.map((name) => ({ name, value: Buffer.from(`${name} ${at}`) })),
});

const produceAll = (kafka: Kafka, topic: string, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let begun = 0;
    let done = 0;
    const receipt = {
      produced({ code, message }: { readonly code: number; readonly message: string }): void {
        done++;
        if (code !== 0) reject(new StatusError({ code, message }));
        else if (done === count) resolve();
        else more();
      },
    };
    const more = (): void => {
      if (begun < count) kafka.produce({ topic, acks: ACKS }, [recordOf(begun++)], receipt);
    };
    for (let at = 0; at < OUTSTANDING; at++) more();
  });

/** Reads from where it stands and looks at what a call would look at. */
class Counting implements Reply<StoredRecord, FetchStart> {
  count = 0;
  #wanted = Number.POSITIVE_INFINITY;
  #settle: { resolve(): void; reject(reason: unknown): void } | undefined;

  reached(wanted: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wanted = wanted;
      this.#settle = { resolve, reject };
      if (this.count >= wanted) resolve();
    });
  }
  headers(): void {}
  write(batch: Batch<StoredRecord>): boolean {
    for (const record of batch) if (record.value !== null && record.header("zilla:correlation-id") !== undefined) this.count++;
    if (this.count >= this.#wanted) this.#settle?.resolve();
    return true;
  }
  end(status: StatusError["status"]): void {
    this.#settle?.reject(new StatusError(status));
  }
  ready(): void {}
}

const cpuMicrosHere = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** The median counts; the first round is to warm up. */
const rounds = async (subject: string, at: number, round: () => Promise<number>): Promise<Figure> => {
  const [micros, rates]: [number[], number[]] = [[], []];
  for (let count = 0; count <= ROUNDS; count++) {
    const [cpu, began] = [cpuMicrosHere(), performance.now()];
    const records = await round();
    if (count === 0) continue;
    micros.push((cpuMicrosHere() - cpu) / records);
    rates.push((records * 1_000) / (performance.now() - began));
  }
  const sorted = (values: number[]): number[] => values.sort((a, b) => a - b);
  return { subject, at, cpuMicros: sorted(micros), perSecond: median(sorted(rates)) };
};

const cacheOver = (client: KafkaClient): CachedKafka => {
  const source = sourceOf(client);
  if (!source) throw new Error("a client can be cached");
  return new CachedKafka({ kafka: client, source, clock: systemClock, bootstrap: [], from: () => "earliest", unread() {} });
};

const query = (topic: string, from: "earliest" | "latest") => ({ topic, from, filters: [], isolation: "read_committed" }) as const;

const measureConsume = (client: KafkaClient, topic: string, records: number): Promise<Figure> =>
  rounds("a record consumed", 1, async () => {
    const cache = cacheOver(client); // Each round reads from Kafka.
    const reader = new Counting();
    cache.fetch(query(topic, "earliest"), reader);
    await reader.reached(records);
    cache.close();
    return records;
  });

/** One record after the other, each produced when the one before was read. */
const measureRoundTrips = async (client: KafkaClient, topic: string): Promise<Figure> => {
  const cache = cacheOver(client);
  const reader = new Counting();
  const requests = cache.fetch(query(topic, "latest"), reader);
  await produceAll(client, topic, 1);
  const times: number[] = [];
  const figure = await rounds("to the broker and back", 1, async () => {
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const began = performance.now();
      const back = reader.reached(reader.count + 1);
      await produceAll(client, topic, 1);
      await back;
      times.push(performance.now() - began);
    }
    return ROUND_TRIPS;
  });
  requests.cancel(CANCELLED);
  cache.close();
  times.sort((a, b) => a - b);
  return { ...figure, p50Ms: median(times), p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN };
};

/** Tells each figure when it is there. */
export const measureRecords = async (kafka: SharedKafka, report: (figure: Figure) => void): Promise<void> => {
  const { client } = clientOf(kafka.bootstrap);
  await client.start();
  try {
    const { produced = "", trips = "" } = await kafka.topics({ produced: 1, trips: 1 });
    report(await rounds("a record produced", OUTSTANDING, () => produceAll(client, produced, RECORDS).then(() => RECORDS)));
    report(await measureConsume(client, produced, RECORDS));
    report(await measureRoundTrips(client, trips));
  } finally {
    await client.close();
  }
};
