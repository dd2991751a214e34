// The newest offset of every key in a piece of a log, within a bound: with more keys, the piece is shorter.
import { latin1 } from "../../core/bytes.ts";
import { isControl } from "./batch-facts.ts";
import type { CleanTransactions } from "./clean-transactions.ts";
import { COMPACTION_KEY_BYTES_MAX, COMPACTION_KEYS_MAX } from "./limits.ts";
import { RecordCursor } from "./record-cursor.ts";
import type { ScannedBatch } from "./scan.ts";
import { plainRecords } from "./validate.ts";

export interface KeyLimits {
  readonly keys: number;
  readonly bytes: number;
}

export const KEY_LIMITS: KeyLimits = { keys: COMPACTION_KEYS_MAX, bytes: COMPACTION_KEY_BYTES_MAX };

export class CleanKeys {
  readonly #newest = new Map<string, number>();
  readonly #limits: KeyLimits;
  #bytes = 0;
  /** After the last batch that was looked at. */
  endOffset: number;

  constructor(startOffset: number, limits: KeyLimits) {
    this.endOffset = startOffset;
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#newest.size >= this.#limits.keys || this.#bytes >= this.#limits.bytes;
  }

  /** Control batches and what was aborted count for nothing. */
  add({ facts, bytes }: ScannedBatch, transactions: CleanTransactions): void {
    this.endOffset = facts.lastOffset + 1;
    if (isControl(facts) || transactions.isAborted(facts)) return;
    const cursor = new RecordCursor(plainRecords(bytes, facts));
    for (let left = facts.count; left > 0; left--) {
      cursor.next();
      const { key } = cursor;
      if (key !== null) this.#note(latin1(key), facts.baseOffset + cursor.offsetDelta);
    }
  }

  /** Whether there is a newer record with the key, as far as was looked at. */
  isOutdated(key: Uint8Array, offset: number): boolean {
    return (this.#newest.get(latin1(key)) ?? -1) > offset;
  }

  #note(key: string, offset: number): void {
    if (!this.#newest.has(key)) this.#bytes += key.length;
    this.#newest.set(key, offset);
  }
}
