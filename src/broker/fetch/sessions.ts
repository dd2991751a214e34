// All fetch sessions, in a bounded number of slots. A full cache lets go of a session that was not used for a while, or of a smaller one.
import type { Clock } from "../../core/clock.ts";
import type { FetchRequest } from "../../kafka/wire/api/01-fetch.ts";
import { ErrorCode } from "../../kafka/wire/errors.ts";
import { FetchSession } from "./session.ts";
import { type Fetched, type FetchTarget, targetsOf } from "./targets.ts";

/** A session that was not used, or not young, for so long may be let go (Kafka's min.incremental.fetch.session.eviction.ms). */
const EVICTION_MS = 120_000;
/** Topics are named by id from this version on. */
const IDS_FROM = 13;
const EPOCH = { first: 0, last: -1 } as const;

/** What a request comes to, sessions considered. */
export interface Asking {
  readonly targets: readonly FetchTarget[];
  /** What is told of all that was fetched, and in which session. */
  answer(all: readonly Fetched[]): { readonly sessionId: number; readonly told: readonly Fetched[] };
}

const whole = (targets: readonly FetchTarget[]): Asking => ({ targets, answer: (told) => ({ sessionId: 0, told }) });

export class FetchSessions {
  readonly #clock: Clock;
  readonly #slots: () => number;
  /** Least recently used first. */
  readonly #sessions = new Map<number, FetchSession>();

  constructor(clock: Clock, slots: () => number) {
    this.#clock = clock;
    this.#slots = slots;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** An error code when the session that is meant is not there, or not where the client believes. */
  take(request: FetchRequest, version: number): Asking | number {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch !== EPOCH.first && sessionEpoch !== EPOCH.last) return this.#next(request, version);
    if (sessionId !== 0) this.#sessions.delete(sessionId);
    const targets = targetsOf(request);
    return sessionEpoch === EPOCH.last ? whole(targets) : this.#first(targets, version);
  }

  /** The session begins with the answer, and only if there is room. */
  #first(targets: readonly FetchTarget[], version: number): Asking {
    const answer: Asking["answer"] = (all) => {
      const nowMs = this.#clock.monotonicMs();
      if (!this.#makeRoom(targets.length, nowMs)) return { sessionId: 0, told: all };
      const session = new FetchSession({ id: this.#freeId(), usesIds: version >= IDS_FROM, nowMs, targets });
      this.#sessions.set(session.id, session);
      session.told(all);
      return { sessionId: session.id, told: all };
    };
    return { targets, answer };
  }

  #next(request: FetchRequest, version: number): Asking | number {
    const session = this.#sessions.get(request.sessionId);
    if (!session) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
    if (session.epoch !== request.sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH;
    if (session.usesIds !== version >= IDS_FROM) return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR;
    session.update(targetsOf(request), request.forgottenTopicsData);
    this.#sessions.delete(session.id);
    if (session.size === 0) return whole(targetsOf(request));
    session.usedMs = this.#clock.monotonicMs();
    this.#sessions.set(session.id, session);
    return { targets: session.targets, answer: (all) => ({ sessionId: session.id, told: session.told(all) }) };
  }

  /** Whether there is a slot for a session of so many partitions. */
  #makeRoom(partitions: number, nowMs: number): boolean {
    const slots = this.#slots();
    if (this.#sessions.size < slots) return true;
    if (slots <= 0) return false;
    const [oldest] = this.#sessions.values();
    if (oldest && nowMs - oldest.usedMs > EVICTION_MS) return this.#sessions.delete(oldest.id);
    let smallest: FetchSession | undefined;
    for (const session of this.#sessions.values())
      if (nowMs - session.createdMs > EVICTION_MS && session.size < (smallest?.size ?? partitions)) smallest = session;
    return smallest !== undefined && this.#sessions.delete(smallest.id);
  }

  #freeId(): number {
    for (;;) {
      const id = 1 + Math.floor(Math.random() * 0x7ffffffe);
      if (!this.#sessions.has(id)) return id;
    }
  }
}
