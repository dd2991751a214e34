// What is to become part of transactions: parts that are asked for while others wait for their turn go with these, so that a Produce to
// many partitions costs one step and not one each.
import type { Added, Producer } from "./transaction.ts";

/** Makes all of it part of a transaction. `gathered` is to be read when the turn has come: until then more may join. */
export type Join = (transactionalId: string, producer: Producer, gathered: () => Added) => Promise<void>;

interface Waiting {
  readonly producer: Producer;
  added: Added;
  readonly done: Promise<void>;
}

export class Joining {
  readonly #join: Join;
  readonly #waiting = new Map<string, Waiting>();

  constructor(join: Join) {
    this.#join = join;
  }

  /** Settles when it is part of the transaction; rejects with what `Join` rejects with. */
  add(transactionalId: string, producer: Producer, added: Added): Promise<void> {
    const waiting = this.#waiting.get(transactionalId);
    if (!waiting || waiting.producer.producerId !== producer.producerId || waiting.producer.epoch !== producer.epoch)
      return this.#begin(transactionalId, producer, added);
    waiting.added = {
      partitions: [...waiting.added.partitions, ...added.partitions],
      groups: [...waiting.added.groups, ...added.groups],
    };
    return waiting.done;
  }

  #begin(transactionalId: string, producer: Producer, added: Added): Promise<void> {
    const gathered = (): Added => {
      if (this.#waiting.get(transactionalId) === waiting) this.#waiting.delete(transactionalId);
      return waiting.added;
    };
    const done = Promise.resolve()
      .then(() => this.#join(transactionalId, producer, gathered))
      .finally(gathered);
    const waiting: Waiting = { producer, added, done };
    this.#waiting.set(transactionalId, waiting);
    return done;
  }
}
