// Receipts that remember what they were told, and that they were told it once.
import assert from "node:assert/strict";
import { Code, codeName, type Status } from "../../src/core/status.ts";
import type { ProducedRecord, Receipt, Written } from "../../src/ports/kafka.ts";

export class TestReceipt implements Receipt {
  status: Status | undefined;
  at: Written | undefined;
  readonly #told: ((receipt: this) => void)[] = [];

  produced(status: Status, at?: Written): void {
    assert.equal(this.status, undefined, "a second receipt");
    this.status = status;
    this.at = at;
    for (const told of this.#told.splice(0)) told(this);
  }

  /** `OK at 7`, `UNAVAILABLE`, or `waiting`. */
  get text(): string {
    if (this.status === undefined) return "waiting";
    return this.status.code === Code.OK ? `OK at ${this.at?.offset}` : codeName(this.status.code);
  }

  done(): Promise<this> {
    return new Promise((resolve) => (this.status === undefined ? this.#told.push(resolve) : resolve(this)));
  }
}

export const recordWith = (value: string, key: string | null = null): ProducedRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: [],
});
