// Where a reader stands: the log's vector at the place it has read up to, and the partitions in which it is further than the log was there.
import type { Chunk } from "./chunk.ts";
import { moved, nextOf, type Vector } from "./vector.ts";

const NOWHERE = -1;

export class Standing {
  #base: Vector = [];
  #partition = NOWHERE;
  #next = 0;
  #ahead: Map<number, number> | undefined;

  /** At a place of the log, and nowhere further. */
  begin(base: Vector): void {
    this.at(base);
    this.#ahead = undefined;
  }

  /** At a place of the log. */
  at(base: Vector): void {
    this.#base = base;
    this.#partition = NOWHERE;
  }

  /** After a record of a chunk, or after all of it. */
  after({ before, partition }: Chunk, next: number): void {
    this.#base = before;
    this.#partition = partition;
    this.#next = next;
    const ahead = this.#ahead?.get(partition);
    if (ahead !== undefined && ahead <= next) this.#behind(partition);
  }

  /** At the log's end. */
  atEnd(end: Vector): void {
    this.at(end);
    for (const [partition, next] of this.#ahead ?? []) if (next <= nextOf(end, partition)) this.#behind(partition);
  }

  /** Records of that partition below that offset are not wanted: they were given before. */
  setAhead(partition: number, next: number): void {
    this.#ahead ??= new Map();
    this.#ahead.set(partition, next);
  }

  /** The offset below which records of the partition are not wanted; undefined when all are. */
  aheadIn(partition: number): number | undefined {
    return this.#ahead?.get(partition);
  }

  /** Its vector is the log's. */
  get shared(): boolean {
    return this.#ahead === undefined;
  }

  /** Its vector. */
  vector(): number[] {
    return this.over(this.#partition === NOWHERE ? this.#base : moved(this.#base, this.#partition, this.#next));
  }

  /** Its vector where the log's is this one. */
  over(vector: Vector): number[] {
    let own = vector.slice();
    for (const [partition, next] of this.#ahead ?? []) if (next > nextOf(own, partition)) own = moved(own, partition, next);
    return own;
  }

  #behind(partition: number): void {
    this.#ahead!.delete(partition);
    if (this.#ahead!.size === 0) this.#ahead = undefined;
  }
}
