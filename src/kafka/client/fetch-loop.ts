// One long-polling fetch at a time to one broker, on a connection of its own: a broker answers the requests of a connection one by one,
// and this one may take its time.

import type { Timer } from "../../core/clock.ts";
import type { Counter } from "../../core/counters.ts";
import type { Isolation } from "../../ports/kafka.ts";
import {
  decodeFetch,
  encodeFetch,
  FETCH_FLEXIBLE_FROM,
  FETCH_KEY,
  FETCH_VERSIONS,
  type FetchedPartition,
  type FetchPartition,
  type FetchRequest,
  type FetchResponse,
} from "../wire/fetch.ts";
import { backoffMs } from "./backoff.ts";
import type { ClientContext } from "./context.ts";
import { FETCH_WAIT_MS } from "./fetch-limits.ts";
import type { FetchPosition } from "./fetch-position.ts";
import { FetchSession, type SessionRequest } from "./fetch-session.ts";
import type { Link } from "./link.ts";

/** FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR. */
const SESSION_ERRORS: ReadonlySet<number> = new Set([70, 71, 106]);

export interface FetchLoopOptions {
  readonly context: ClientContext;
  readonly isolation: Isolation;
  readonly broker: number;
  /** Of one answer. */
  readonly bytesMax: number;
  paused(): boolean;
  answered(position: FetchPosition, answer: FetchedPartition): void;
}

export class FetchLoop {
  readonly #options: FetchLoopOptions;
  readonly #positions = new Set<FetchPosition>();
  readonly #requests: Counter;
  readonly #session = new FetchSession();
  #link: Link | undefined;
  #busy = false;
  #soon = false;
  #closed = false;
  #failures = 0;
  #timer: Timer | undefined;

  constructor(options: FetchLoopOptions) {
    this.#options = options;
    this.#requests = options.context.report.counter("sluice.kafka.fetch.requests");
  }

  add(position: FetchPosition): void {
    this.#positions.add(position);
    if (this.#soon) return;
    this.#soon = true;
    // Partitions that are added together are asked for together: an answer may take its time.
    process.nextTick(() => {
      this.#soon = false;
      this.poke();
    });
  }

  /** An answer that is on its way is not heard for it. */
  remove(position: FetchPosition): void {
    this.#positions.delete(position);
    if (this.#positions.size === 0) this.#release();
  }

  /** Something may have to be fetched. */
  poke(): void {
    if (this.#busy || this.#closed || this.#positions.size === 0 || this.#options.paused()) return;
    const due = this.#due();
    if (due.length === 0) return;
    const link = this.#link;
    if (link?.open) this.#fetch(link, due);
    else this.#connect();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#positions.clear();
    this.#release();
  }

  /** Those that may be asked for now; for the others, a timer. */
  #due(): readonly FetchPosition[] {
    const { clock } = this.#options.context;
    const nowMs = clock.monotonicMs();
    const due: FetchPosition[] = [];
    let laterMs = Number.POSITIVE_INFINITY;
    for (const position of this.#positions) {
      if (position.doubtful || position.paused) continue;
      if (position.notBeforeMs <= nowMs) due.push(position);
      else laterMs = Math.min(laterMs, position.notBeforeMs - nowMs);
    }
    if (laterMs < Number.POSITIVE_INFINITY) {
      this.#timer?.cancel();
      this.#timer = clock.after(laterMs + 1, () => this.poke());
    }
    return due;
  }

  #connect(): void {
    const { fetchLinks, metadata } = this.#options.context;
    this.#busy = true;
    fetchLinks.take(this.#options.broker).then(
      (link) => {
        this.#busy = false;
        this.#link = link;
        if (this.#closed || this.#positions.size === 0) this.#release();
        else if (link.open) this.poke();
        else this.#again();
      },
      () => {
        this.#busy = false;
        metadata.stale();
        this.#again();
      },
    );
  }

  /** Nothing is read any more; what is on its way is not waited for. */
  #release(): void {
    const link = this.#link;
    this.#link = undefined;
    this.#session.reset();
    if (link === undefined) return;
    if (this.#busy) link.close();
    else this.#options.context.fetchLinks.give(this.#options.broker, link);
  }

  #again(): void {
    if (this.#closed) return;
    this.#failures += 1;
    this.#timer?.cancel();
    this.#timer = this.#options.context.clock.after(backoffMs(this.#failures), () => this.poke());
  }

  #fetch(link: Link, due: readonly FetchPosition[]): void {
    const version = link.version(FETCH_KEY, "Fetch", [FETCH_VERSIONS.min, FETCH_VERSIONS.max]);
    this.#busy = true;
    this.#rotate(due);
    this.#requests.value += 1;
    link.send<FetchResponse>(
      {
        apiKey: FETCH_KEY,
        version,
        flexible: version >= FETCH_FLEXIBLE_FROM,
        pieces: encodeFetch(this.#request(this.#session.request(due)), version),
        decode: (bytes) => decodeFetch(bytes, version),
      },
      (error, answer) => {
        this.#busy = false;
        if (error || answer === undefined) this.#lost(link);
        else if (SESSION_ERRORS.has(answer.errorCode)) this.#anew();
        else if (answer.errorCode !== 0) this.#lost(link);
        else this.#take(due, answer);
      },
    );
  }

  /** Another one is first next time: an answer may be full before the last. */
  #rotate([first]: readonly FetchPosition[]): void {
    if (first === undefined || !this.#positions.delete(first)) return;
    this.#positions.add(first);
  }

  #request({ session, positions, forgotten }: SessionRequest): FetchRequest {
    const topics = new Map<string, { readonly topic: string; readonly topicId: string; readonly partitions: FetchPartition[] }>();
    for (const { topic, topicId, partition, leaderEpoch, offset, lastEpoch, bytesMax } of positions) {
      const of = topics.get(topic) ?? { topic, topicId, partitions: [] };
      topics.set(topic, of);
      of.partitions.push({ partition, leaderEpoch, offset, lastFetchedEpoch: lastEpoch, bytesMax });
    }
    return {
      maxWaitMs: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: this.#options.bytesMax,
      isolation: this.#options.isolation,
      session,
      topics: [...topics.values()],
      forgotten: forgotten.map(({ topic, topicId, partition }) => ({ topic, topicId, partitions: [partition] })),
      rack: "",
    };
  }

  /** The broker has forgotten the session, or has begun anew: all is said again. */
  #anew(): void {
    this.#session.reset();
    this.#again();
  }

  #lost(link: Link): void {
    link.close();
    this.#session.reset();
    this.#link = undefined;
    if (this.#closed) return;
    this.#options.context.metadata.stale();
    this.#again();
  }

  #take(due: readonly FetchPosition[], { topics, sessionId }: FetchResponse): void {
    this.#failures = 0;
    this.#session.answered(sessionId);
    for (const { topic, topicId, partitions } of topics) {
      const asked: FetchPosition[] = []; // By partition.
      for (const one of due) if (topic === "" ? one.topicId === topicId : one.topic === topic) asked[one.partition] = one;
      for (const answer of partitions) {
        const position = asked[answer.partition];
        if (position && this.#positions.has(position)) this.#options.answered(position, answer);
      }
    }
    this.poke();
  }
}
