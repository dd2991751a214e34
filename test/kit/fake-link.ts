// A connection to a broker that a test answers by hand: produce and fetch requests are read with the wire's own primitives, answers are given
// as what the client would have decoded.

import type { Answered, Frame, Link } from "../../src/kafka/client/link.ts";
import { decodeBatches, type RecordBatch } from "../../src/kafka/wire/decode-batch.ts";
import { FETCH_KEY, type FetchedPartition, type FetchResponse, NO_SESSION } from "../../src/kafka/wire/fetch.ts";
import { LIST_OFFSETS_KEY, type ListOffsetsResponse } from "../../src/kafka/wire/list-offsets.ts";
import { PRODUCE_KEY, type ProducedPartition, type ProduceResponse } from "../../src/kafka/wire/produce.ts";
import { Reader } from "../../src/kafka/wire/reader.ts";

/** A batch in a produce request. */
export interface SeenBatch {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

/** A request that waits for its answer. */
export interface SeenProduce {
  readonly acks: number;
  readonly batches: readonly SeenBatch[];
  /** Answers every batch with that code; those written begin at `baseOffset`. */
  answer(code?: number, more?: Partial<ProducedPartition>): void;
  /** Answers each batch by itself, in the order of the request. */
  answerEach(codes: readonly number[]): void;
  lose(): void;
}

export interface SeenFetch {
  readonly partitions: readonly {
    readonly topicId: string;
    readonly partition: number;
    readonly leaderEpoch: number;
    readonly offset: number;
    readonly lastEpoch: number;
  }[];
  answer(partitions: readonly Partial<FetchedPartition>[]): void;
  lose(): void;
}

export const valuesOf = ({ batch }: SeenBatch): readonly string[] => batch.records.map(({ value }) => Buffer.from(value ?? []).toString());

const NEWEST: Readonly<Record<number, number>> = { [PRODUCE_KEY]: 12, [FETCH_KEY]: 17 };

export class FakeLink implements Link {
  readonly name = "fake:9092";
  open = true;
  queuedBytes = 0;
  readonly produces: SeenProduce[] = [];
  readonly fetches: SeenFetch[] = [];
  /** What is answered when offsets are asked for, by partition; -2 stands for the earliest, -1 for the latest, else it is a time. */
  offsetOf: (partition: number, timestampMs: number) => { readonly offset: number; readonly errorCode?: number } = () => ({ offset: 0 });
  readonly #closed: (() => void)[] = [];
  readonly #waiting = new Set<Answered<unknown>>();
  #arrived: (() => void)[] = [];

  version(apiKey: number, _name: string, [, max]: readonly [min: number, max: number]): number {
    return Math.min(NEWEST[apiKey] ?? max, max);
  }

  send<R>(frame: Frame<R>, answered: Answered<R>): void {
    if (!this.open) {
      answered(new Error("Connection closed"));
      return;
    }
    const body = Buffer.concat(frame.pieces);
    const answer = answered as Answered<unknown>; // The test gives what the frame's decoder would have made.
    if (frame.apiKey === PRODUCE_KEY) this.produces.push(this.#produce(body, answer));
    else if (frame.apiKey === FETCH_KEY) this.fetches.push(this.#fetch(body, answer));
    if (frame.silent) answered(undefined);
    else this.#waiting.add(answer);
    if (frame.apiKey === LIST_OFFSETS_KEY) setImmediate(() => this.#settle(answer, undefined, this.#listed(body)));
    for (const arrived of this.#arrived.splice(0)) arrived();
  }

  call(): Promise<never> {
    return Promise.reject(new Error("the fake link has no library calls"));
  }
  onClosed(closed: () => void): void {
    this.#closed.push(closed);
  }
  close(): void {
    this.open = false;
    for (const closed of this.#closed.splice(0)) closed();
    for (const answered of [...this.#waiting]) this.#settle(answered, new Error("Connection closed"));
  }

  /** The request of that number, from 0; waits for it. */
  async produce(index: number): Promise<SeenProduce> {
    while (this.produces.length <= index) await this.#next();
    return this.produces[index]!;
  }
  async fetch(index: number): Promise<SeenFetch> {
    while (this.fetches.length <= index) await this.#next();
    return this.fetches[index]!;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#arrived.push(resolve));
  }

  #settle(answered: Answered<unknown>, error: Error | undefined, answer?: unknown): void {
    if (!this.#waiting.delete(answered)) return;
    answered(error, answer);
  }

  #listed(body: Uint8Array): ListOffsetsResponse {
    const from = new Reader(body, "flexible");
    from.skip(4 + 1);
    const topics = from.array(() => {
      const topic = from.string();
      const partitions = from.array(() => {
        const partition = from.int32();
        from.int32();
        const timestampMs = from.int64();
        from.tags();
        return { partition, errorCode: 0, timestampMs: -1, leaderEpoch: 0, ...this.offsetOf(partition, timestampMs) };
      });
      from.tags();
      return { topic, partitions };
    });
    return { throttleMs: 0, topics };
  }

  #produce(body: Uint8Array, answered: Answered<unknown>): SeenProduce {
    const from = new Reader(body, "flexible");
    from.nullableString();
    const acks = from.int16();
    from.int32();
    const batches = from
      .array(() => {
        const topic = from.string();
        const partitions = from.array(() => {
          const partition = from.int32();
          const [batch] = decodeBatches(from.nullableBytes() ?? new Uint8Array(0), { topic, partition }).batches;
          from.tags();
          if (batch?.kind !== "batch") throw new Error("a produce without a sound batch");
          return { topic, partition, batch };
        });
        from.tags();
        return partitions;
      })
      .flat();
    const respond = (codes: readonly number[], more: Partial<ProducedPartition> = {}): void => {
      const topics = batches.map(({ topic, partition }, index) => ({ topic, partitions: [produced(partition, codes[index] ?? 0, more)] }));
      this.#settle(answered, undefined, { topics, throttleMs: 0, nodeEndpoints: [] } satisfies ProduceResponse);
    };
    return {
      acks,
      batches,
      answer: (code = 0, more = {}) =>
        respond(
          batches.map(() => code),
          more,
        ),
      answerEach: (codes) => respond(codes),
      lose: () => this.#settle(answered, new Error("Connection closed")),
    };
  }

  #fetch(body: Uint8Array, answered: Answered<unknown>): SeenFetch {
    const from = new Reader(body, "flexible");
    from.skip(4 + 4 + 4 + 1 + 4 + 4);
    const partitions = from
      .array(() => {
        const topicId = from.uuid();
        const of = from.array(() => {
          const seen = { topicId, partition: from.int32(), leaderEpoch: from.int32(), offset: from.int64(), lastEpoch: from.int32() };
          from.skip(8 + 4);
          from.tags();
          return seen;
        });
        from.tags();
        return of;
      })
      .flat();
    const topicId = partitions[0]?.topicId ?? "";
    return {
      partitions,
      answer: (answers) => {
        const response: FetchResponse = {
          throttleMs: 0,
          errorCode: 0,
          sessionId: NO_SESSION.id,
          topics: [{ topic: "", topicId, partitions: answers.map(fetched) }],
          nodeEndpoints: [],
        };
        this.#settle(answered, undefined, response);
      },
      lose: () => this.#settle(answered, new Error("Connection closed")),
    };
  }
}

const produced = (partition: number, errorCode: number, more: Partial<ProducedPartition>): ProducedPartition => ({
  partition,
  errorCode,
  baseOffset: errorCode === 0 ? 0 : -1,
  appendTimestampMs: -1,
  logStartOffset: 0,
  recordErrors: [],
  errorMessage: null,
  ...more,
});

const fetched = (more: Partial<FetchedPartition>): FetchedPartition => ({
  partition: 0,
  errorCode: 0,
  highWatermark: 0,
  lastStableOffset: 0,
  logStartOffset: 0,
  aborted: [],
  preferredReadReplica: -1,
  records: new Uint8Array(0),
  ...more,
});
