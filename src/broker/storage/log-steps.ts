// What is done with a log from time to time, whoever counts the time: retention, compaction, checkpoints, forgetting producers.
import { type Compacted, Compaction } from "./compaction.ts";
import { guarded, type InnerLog } from "./inner-log.ts";
import { isExpired } from "./producers.ts";
import { type Retired, retain } from "./retention.ts";

/** Each rejects with KAFKA_STORAGE_ERROR when the disk refuses, and can be tried again. */
export class LogSteps {
  readonly #log: InnerLog;
  readonly #compaction: Compaction;
  readonly #changed: () => void;
  #compacting: Promise<Compacted | undefined> | undefined;

  /** `changed` is called when the log begins elsewhere. */
  constructor(log: InnerLog, changed: () => void) {
    this.#log = log;
    this.#compaction = new Compaction(log);
    this.#changed = changed;
  }

  /** Deletes what is too old or too much. */
  async retain(): Promise<Retired> {
    const retired = await this.#turn("old segments could not be deleted", () => retain(this.#log));
    if (retired.segments > 0) this.#changed();
    return retired;
  }

  /** A round of compaction, if the topic wants it and the log is dirty enough; undefined if not. While one runs, that one. */
  compact(): Promise<Compacted | undefined> {
    if (!this.#log.config().cleanup.compact) return Promise.resolve(undefined);
    this.#compacting ??= guarded(this.#log, "a log could not be compacted", () => this.#compaction.round()).finally(() => {
      this.#compacting = undefined;
    });
    return this.#compacting;
  }

  /** Keeps in a file what a start would else have to read from the log. */
  checkpoint(): Promise<void> {
    return this.#turn("the index of a log could not be written", () => this.#log.writer.checkpoint());
  }

  /** Begins a new segment, so that what there is can be compacted. */
  roll(): Promise<void> {
    return this.#turn("a segment could not be begun", async () => {
      if (this.#log.state.active.size > 0) await this.#log.writer.roll();
    });
  }

  /** Forgets producers that have not written for so long. */
  expireProducers(afterMs: number): void {
    const { state, writer, parts } = this.#log;
    const now = parts.clock.now();
    for (const [id, entry] of state.producers)
      if (writer.producer(id) === entry && isExpired(entry, now, afterMs)) state.producers.delete(id);
  }

  /** When nothing is being done. */
  async idle(): Promise<void> {
    await this.#compacting?.catch(() => {}); // Whoever asked for it hears of it.
  }

  #turn<T>(what: string, step: () => Promise<T>): Promise<T> {
    return this.#log.turns.take(() => guarded(this.#log, what, step));
  }
}
