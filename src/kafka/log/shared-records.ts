// Records that readers of a log have in common are made once, so that what is made of a record can be shared as well. Those that one reader
// alone asks for, such as the reply of a call, are made for it and forgotten.
import type { BatchRecord } from "../wire/stored-record.ts";
import { Fifo } from "./fifo.ts";
import { SHARED_BYTES_MAX, SHARED_RECORD_BYTES, VECTOR_ENTRY_BYTES } from "./limits.ts";

/** A chunk, as far as its records matter here. */
export interface Shareable {
  readonly length: number;
  readonly before: readonly unknown[];
  /** The records that readers share. */
  shared: readonly BatchRecord[] | undefined;
  /** How many were asked for one by one. */
  asked: number;
  /** New ones each time. */
  records(): readonly BatchRecord[];
  record(index: number): BatchRecord;
}

export class SharedRecords {
  readonly #bytesMax: number;
  readonly #chunks = new Fifo<Shareable>();
  #bytes = 0;

  constructor(bytesMax = SHARED_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** All of a chunk's: kept for the readers after this one. */
  all(chunk: Shareable): readonly BatchRecord[] {
    return chunk.shared ?? this.#keep(chunk);
  }

  /** One of a chunk's: kept once as many were asked for as there are. */
  one(chunk: Shareable, index: number): BatchRecord {
    if (chunk.shared) return chunk.shared[index]!;
    chunk.asked++;
    return chunk.asked > chunk.length ? this.#keep(chunk)[index]! : chunk.record(index);
  }

  #keep(chunk: Shareable): readonly BatchRecord[] {
    const made = chunk.records();
    chunk.shared = made;
    this.#bytes += costOf(chunk);
    this.#chunks.push(chunk);
    while (this.#bytes > this.#bytesMax && this.#chunks.length > 1) this.#drop(this.#chunks.shift()!);
    return made;
  }

  /** Whoever comes for them later shares them anew. */
  #drop(chunk: Shareable): void {
    chunk.shared = undefined;
    chunk.asked = 0;
    this.#bytes -= costOf(chunk);
  }
}

/** Each record may have its progress, which is a number for each partition. */
const costOf = ({ length, before }: Shareable): number => length * (SHARED_RECORD_BYTES + before.length * VECTOR_ENTRY_BYTES);
