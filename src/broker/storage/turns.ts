// One thing after the other: whatever changes a log's files takes its turn.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** After all that was asked for before, whatever became of it. */
  take<T>(call: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(call, call);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
