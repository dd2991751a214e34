// What the broker remembers of itself: topics, settings, users, in one durable log, each kind in a section of its own.
import { text, utf8 } from "../core/bytes.ts";
import { BrokerError } from "./broker-error.ts";
import type { LogStore } from "./storage/log-store.ts";
import { StateLog } from "./storage/state-log.ts";
import { Turns } from "./storage/turns.ts";

/** Names of logs that are the broker's own and no topics: they begin with this. */
export const OWN_LOGS = "__sluice_";
const LOG = { name: `${OWN_LOGS}metadata`, id: "00000000-0000-0000-0000-000000000001" };

/** JSON. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact };

export interface FactChange {
  readonly section: string;
  readonly key: string;
  /** Undefined: it is forgotten. */
  readonly fact: Fact | undefined;
}

export class Metadata {
  readonly #state: StateLog;
  readonly #entries: Map<string, Uint8Array>;
  readonly #turns = new Turns();

  static async open(store: LogStore, now: () => number): Promise<Metadata> {
    const { state, entries } = await StateLog.open(store, LOG, now);
    return new Metadata(state, entries);
  }

  private constructor(state: StateLog, entries: Map<string, Uint8Array>) {
    this.#state = state;
    this.#entries = entries;
  }

  /** All of a section, by key, as they were when the broker was started; to be asked for once. Throws a BrokerError on damage. */
  recall(section: string): Map<string, Fact> {
    const found = new Map<string, Fact>();
    for (const [name, bytes] of this.#entries) {
      if (!name.startsWith(`${section}/`)) continue;
      found.set(name.slice(section.length + 1), factOf(name, bytes));
      this.#entries.delete(name);
    }
    return found;
  }

  /** Durable when answered, all of them or none; rejects with KAFKA_STORAGE_ERROR. */
  remember(...changes: readonly FactChange[]): Promise<void> {
    return this.#state.apply(
      changes.map(({ section, key, fact }) => ({
        key: `${section}/${key}`,
        value: fact === undefined ? null : utf8(JSON.stringify(fact)),
      })),
    );
  }

  /** Runs what reads the broker's memory and then changes it after all that was asked for before. */
  turn<T>(step: () => Promise<T>): Promise<T> {
    return this.#turns.take(step);
  }
}

const factOf = (name: string, bytes: Uint8Array): Fact => {
  try {
    return JSON.parse(text(bytes)) as Fact; // Whatever JSON gives is one.
  } catch {
    throw new BrokerError("KAFKA_STORAGE_ERROR", `what is remembered under ${name} cannot be read`);
  }
};
