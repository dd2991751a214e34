// The offsets that one call holds in its partition: they are done together, when its final record stands. Adjacent ones are kept as one
// run, so a long stream that has a partition to itself costs two numbers.

/** What all calls of a binding may hold together. */
export class OffsetBudget {
  #left: number;

  constructor(rangesMax: number) {
    this.#left = rangesMax;
  }
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }
  give(ranges: number): void {
    this.#left += ranges;
  }
  get left(): number {
    return this.#left;
  }
}

export class Offsets {
  readonly #budget: OffsetBudget;
  /** First and last of each run, in order, no two of them adjacent. */
  readonly #runs: number[] = [];
  #last = -1;

  constructor(budget: OffsetBudget) {
    this.#budget = budget;
  }

  /** The highest that was ever held; -1 when there was none. */
  get last(): number {
    return this.#last;
  }

  /** Two readers may bring the same record, in either order. False: the budget is spent, and the offset is not held. */
  add(offset: number): boolean {
    const at = this.#runFrom(offset);
    const runs = this.#runs;
    if (at < runs.length && runs[at]! <= offset) return true;
    const afterOne = at > 0 && runs[at - 1] === offset - 1;
    const beforeOne = at < runs.length && runs[at] === offset + 1;
    if (afterOne && beforeOne) {
      runs.splice(at - 1, 2);
      this.#budget.give(1);
    } else if (afterOne) runs[at - 1] = offset;
    else if (beforeOne) runs[at] = offset;
    else {
      if (!this.#budget.take()) return false;
      runs.splice(at, 0, offset, offset);
    }
    if (offset > this.#last) this.#last = offset;
    return true;
  }

  /** All of them, one by one, and no longer held. */
  drain(): number[] {
    const offsets: number[] = [];
    const runs = this.#runs;
    for (let i = 0; i < runs.length; i += 2) for (let offset = runs[i]!; offset <= runs[i + 1]!; offset++) offsets.push(offset);
    this.release();
    return offsets;
  }

  /** No longer held: they will never be done here. */
  release(): void {
    this.#budget.give(this.#runs.length / 2);
    this.#runs.length = 0;
  }

  /** The index of the first run that does not end below `offset`: nearly always the last or none. */
  #runFrom(offset: number): number {
    const runs = this.#runs;
    if (runs.length === 0 || runs[runs.length - 1]! < offset) return runs.length;
    let low = 0;
    let high = runs.length / 2 - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (runs[middle * 2 + 1]! < offset) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }
}
