// What a broker remembers of our fetches (KIP-227): after the first request of a session only what has changed is said, and only partitions
// that have something are answered. Of a thousand partitions most have nothing at any time.
import { NO_SESSION } from "../wire/fetch.ts";
import type { FetchPosition } from "./fetch-position.ts";

/** With fewer partitions all of them are said each time: a broker keeps a bounded number of sessions, for whoever needs them. */
export const SESSION_PARTITIONS_MIN = 16;
/** After it comes 1: 0 begins a session. */
const EPOCH_MAX = 0x7fffffff;

/** What a request says. */
export interface SessionRequest {
  readonly session: { readonly id: number; readonly epoch: number };
  readonly positions: readonly FetchPosition[];
  readonly forgotten: readonly FetchPosition[];
}

/** As the broker knows a position. */
interface Said {
  offset: number;
  leaderEpoch: number;
  bytesMax: number;
}

const NONE: readonly FetchPosition[] = [];

export class FetchSession {
  #id = 0;
  #epoch = 0;
  #asks = false;
  readonly #said = new Map<FetchPosition, Said>();

  /** What is to be said so that the broker answers for these, which is at least one. */
  request(due: readonly FetchPosition[]): SessionRequest {
    if (this.#id === 0) {
      this.#said.clear();
      this.#asks = due.length >= SESSION_PARTITIONS_MIN;
      if (!this.#asks) return { session: NO_SESSION, positions: due, forgotten: NONE };
      for (const position of due) this.#say(position);
      return { session: { id: 0, epoch: 0 }, positions: due, forgotten: NONE };
    }
    const positions = due.filter((position) => this.#say(position));
    const forgotten = this.#said.size > due.length ? this.#forget(new Set(due)) : NONE;
    return { session: { id: this.#id, epoch: this.#epoch }, positions, forgotten };
  }

  /** The request was answered without an error, with this session: 0 when the broker keeps none. */
  answered(id: number): void {
    if (!this.#asks) return;
    this.#id = id;
    this.#epoch = this.#epoch === EPOCH_MAX ? 1 : this.#epoch + 1;
    if (id === 0) this.reset();
  }

  /** The broker does not know it, or the connection is another one. */
  reset(): void {
    this.#id = 0;
    this.#epoch = 0;
    this.#said.clear();
  }

  /** Whether there is something new to be said of it. */
  #say(position: FetchPosition): boolean {
    const { offset, leaderEpoch, bytesMax } = position;
    const said = this.#said.get(position);
    if (said === undefined) this.#said.set(position, { offset, leaderEpoch, bytesMax });
    else if (said.offset === offset && said.leaderEpoch === leaderEpoch && said.bytesMax === bytesMax) return false;
    else Object.assign(said, { offset, leaderEpoch, bytesMax });
    return true;
  }

  #forget(due: ReadonlySet<FetchPosition>): readonly FetchPosition[] {
    const forgotten = [...this.#said.keys()].filter((position) => !due.has(position));
    for (const position of forgotten) this.#said.delete(position);
    // A partition that was taken up anew is another position, and is said again.
    return forgotten.filter(({ topicId, partition }) => ![...due].some((one) => one.partition === partition && one.topicId === topicId));
  }
}
