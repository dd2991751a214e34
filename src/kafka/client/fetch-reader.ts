// One `fetch`: finds where to begin, reads its partitions, and gives its caller what it wants as fast as the caller takes it.
import { type Status, StatusError } from "../../core/status.ts";
import type { FetchQuery, FetchStart, StoredRecord } from "../../ports/kafka.ts";
import type { Reply, Requests } from "../../ports/service.ts";
import type { BatchRecord, Place } from "../wire/stored-record.ts";
import type { TopicView } from "./calls.ts";
import type { ClientContext } from "./context.ts";
import type { FetchPosition } from "./fetch-position.ts";
import { FetchSet, type FetchSink } from "./fetch-set.ts";
import { askedOf, resolveOffsets, unreached } from "./fetch-start.ts";
import { wantedBy } from "./filters.ts";
import { Ended, Life } from "./life.ts";
import { sliceEnd, TURN_BYTES_MAX } from "./slices.ts";

/** Records of one partition on their way to the caller. */
interface Chunk {
  readonly partition: number;
  readonly records: readonly BatchRecord[];
  readonly next: number;
  given: number;
}

const EARLIEST = -2;

/** The progress of one reader while it is given a run of records of one partition. */
class RunPlace implements Place {
  readonly #before: readonly number[];
  readonly #partition: number;

  constructor(before: readonly number[], partition: number) {
    this.#before = before;
    this.#partition = partition;
  }
  progressAt(offset: number): readonly number[] {
    return this.#before.with(this.#partition, offset + 1);
  }
}

export class FetchReader implements Requests<never>, FetchSink {
  readonly #context: ClientContext;
  readonly #query: FetchQuery;
  readonly #reply: Reply<StoredRecord, FetchStart>;
  readonly #left: (reader: FetchReader) => void;
  readonly #life: Life;
  readonly #set: FetchSet;
  readonly #wants: ((record: BatchRecord) => boolean) | undefined;
  readonly #chunks: Chunk[] = [];
  #progress: readonly number[] = [];
  #stopped = false;
  #pumping = false;
  #unwatch: () => void = () => {};

  constructor(context: ClientContext, query: FetchQuery, to: { reply: Reply<StoredRecord, FetchStart>; left(reader: FetchReader): void }) {
    this.#context = context;
    this.#query = query;
    this.#reply = to.reply;
    this.#left = to.left;
    this.#life = new Life(context.clock);
    this.#set = new FetchSet({ context, isolation: query.isolation, sink: this });
    this.#wants = wantedBy(query);
  }

  /** Touches the reply from later turns only. */
  start(): this {
    this.#begin().catch((reason) => {
      if (!(reason instanceof Ended)) this.#end(StatusError.from(reason).status);
    });
    return this;
  }

  write(): boolean {
    return true;
  }
  /** The half-close: there are no requests. */
  end(): void {}
  cancel(): void {
    this.#close();
  }
  ready(): void {
    this.#stopped = false;
    if (!this.#pumping) this.#pump();
  }

  /** For the client that closes. */
  stop(status: Status): void {
    this.#end(status);
  }

  fetched(position: FetchPosition, records: readonly BatchRecord[], next: number): void {
    const wants = this.#wants;
    const { partition } = position;
    this.#chunks.push({ partition, records: wants ? records.filter(wants) : records, next, given: 0 });
    if (this.#stopped) this.#set.pause();
    else if (!this.#pumping) this.#pump();
  }

  failed(_position: FetchPosition, status: Status): void {
    this.#end(status);
  }

  async #begin(): Promise<void> {
    const { topic: name, from, isolation } = this.#query;
    const topic = await this.#life.until(this.#context.metadata.resolve(name));
    const partitions = this.#query.partitions ?? [...topic.partitions.keys()];
    const asked = new Map(partitions.map((partition) => [partition, askedOf(from, partition)]));
    const position = await resolveOffsets(this.#context, this.#life, { topic: name, isolation, asked });
    if (this.#life.over) return;
    this.#progress = topic.partitions.map((_, partition) => {
      const start = position.get(partition);
      return start === undefined ? EARLIEST : unreached(askedOf(from, partition), start);
    });
    this.#reply.headers({ position: new Map(partitions.map((partition) => [partition, position.get(partition) ?? 0])) });
    for (const [partition, offset] of position) this.#set.add(topic, partition, offset);
    if (!this.#query.partitions) this.#unwatch = this.#context.metadata.watch(name, (view) => this.#grown(view));
  }

  /** Partitions that were added are read from their beginning. */
  #grown(view: TopicView): void {
    if (view.error !== 0 || view.partitions.length <= this.#progress.length) return;
    const added = view.partitions.map((_, partition) => partition).slice(this.#progress.length);
    this.#progress = [...this.#progress, ...added.map(() => EARLIEST)];
    const asked = new Map(added.map((partition) => [partition, { offset: EARLIEST }]));
    const { isolation } = this.#query;
    resolveOffsets(this.#context, this.#life, { topic: view.name, isolation, asked }).then(
      (position) => {
        if (!this.#life.over) for (const [partition, offset] of position) this.#set.add(view, partition, offset);
      },
      (reason) => {
        if (!(reason instanceof Ended)) this.#end(StatusError.from(reason).status);
      },
    );
  }

  /** Gives what is there, at most so much in one turn; reads on when all is given. */
  #pump(): void {
    this.#pumping = true;
    let bytes = 0;
    while (this.#chunks.length > 0 && !this.#stopped && !this.#life.over && bytes < TURN_BYTES_MAX) bytes += this.#give(this.#chunks[0]!);
    this.#pumping = false;
    if (this.#life.over) return;
    if (this.#chunks.length === 0 && !this.#stopped) {
      this.#set.resume();
      return;
    }
    this.#set.pause();
    if (this.#stopped) return;
    setImmediate(() => {
      if (!this.#pumping && !this.#stopped && !this.#life.over) this.#pump();
    });
  }

  /** The next batch of the first chunk. Returns its size. */
  #give(chunk: Chunk): number {
    const { records, partition, given } = chunk;
    if (given === records.length) {
      this.#progress = this.#progress.with(partition, chunk.next);
      this.#chunks.shift();
      return 0;
    }
    const slice = sliceEnd(records, given);
    const place = new RunPlace(this.#progress, partition);
    const batch = given === 0 && slice.end === records.length ? records : records.slice(given, slice.end);
    for (const record of batch) record.settle(place); // They were fetched for this reader alone.
    chunk.given = slice.end;
    this.#progress = this.#progress.with(partition, batch.at(-1)!.offset + 1);
    this.#stopped = true; // Before the call, so that a ready() from inside it is not lost.
    if (this.#reply.write(batch)) this.#stopped = false;
    return slice.bytes;
  }

  #end(status: Status): void {
    if (this.#life.over) return;
    this.#close();
    this.#reply.end(status);
  }

  #close(): void {
    this.#life.end();
    this.#unwatch();
    this.#set.close();
    this.#chunks.length = 0;
    this.#left(this);
  }
}
