// One bounded range of a topic, read once: for a reader that is behind what is in memory.
import { type Status, StatusError } from "../../core/status.ts";
import type { Isolation } from "../../ports/kafka.ts";
import type { RangePart, RangeReader, RangeRecords } from "../log/range-source.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { ClientContext } from "./context.ts";
import type { FetchPosition } from "./fetch-position.ts";
import { FetchSet, type FetchSink } from "./fetch-set.ts";
import { resolveOffsets } from "./fetch-start.ts";
import { Ended, Life } from "./life.ts";

export interface RangeWanted {
  readonly topic: string;
  readonly isolation: Isolation;
  readonly parts: readonly RangePart[];
  readonly bytesMax: number;
}

export class RangeFetch implements FetchSink {
  readonly #context: ClientContext;
  readonly #wanted: RangeWanted;
  readonly #reader: RangeReader;
  readonly #life: Life;
  readonly #set: FetchSet;
  readonly #read = new Map<number, RangeRecords>();
  readonly #forget: () => void;
  #finishing = false;

  constructor(context: ClientContext, wanted: RangeWanted, reader: RangeReader) {
    this.#context = context;
    this.#wanted = wanted;
    this.#reader = reader;
    this.#life = new Life(context.clock);
    this.#forget = context.life.onEnd(() => this.cancel());
    this.#set = new FetchSet({ context, isolation: wanted.isolation, sink: this, bytesMax: wanted.bytesMax });
  }

  start(): this {
    this.#begin().catch((reason) => {
      if (!(reason instanceof Ended)) this.#fail(StatusError.from(reason).status);
    });
    return this;
  }

  cancel(): void {
    this.#life.end();
    this.#forget();
    this.#set.close();
  }

  /** The first answer is the range; the partitions that are in it come in one turn. */
  fetched({ partition }: FetchPosition, records: readonly BatchRecord[], next: number): void {
    const known = this.#read.get(partition)?.records ?? [];
    this.#read.set(partition, { partition, records: known.length === 0 ? records : [...known, ...records], next });
    this.#set.pause();
    if (this.#finishing) return;
    this.#finishing = true;
    setImmediate(() => {
      if (this.#life.over) return;
      this.cancel();
      this.#reader.read([...this.#read.values()]);
    });
  }

  failed(_position: FetchPosition, status: Status): void {
    this.#fail(status);
  }

  async #begin(): Promise<void> {
    const { topic: name, isolation, parts } = this.#wanted;
    const topic = await this.#life.until(this.#context.metadata.resolve(name));
    const asked = new Map(parts.map(({ partition, from }) => [partition, { offset: from }]));
    const starts = await resolveOffsets(this.#context, this.#life, { topic: name, isolation, asked });
    if (this.#life.over) return;
    // A partition whose earliest record is beyond the range has nothing to be read in it.
    const none = parts.filter(({ partition, below }) => starts.get(partition)! >= below);
    for (const { partition, below } of none) this.#read.set(partition, { partition, records: [], next: below });
    if (none.length === parts.length) {
      this.cancel();
      this.#reader.read([...this.#read.values()]);
      return;
    }
    for (const [partition, offset] of starts) if (!this.#read.has(partition)) this.#set.add(topic, partition, offset);
  }

  #fail(status: Status): void {
    if (this.#life.over) return;
    this.cancel();
    this.#reader.failed(status);
  }
}
