// Many calls at once under everything that may happen to them, by dice that can be thrown again: whatever the order, every call that nobody
// left is answered with all of its request, and nothing is left over. `SEED=n` throws one game alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { fail, OK, type Status } from "../../../src/core/status.ts";
import type { ServedCall } from "./fake-server.ts";
import { GROUP, type Headers, message, numberOf, Stage } from "./stage.ts";

const REFUSED: Status = { code: 14, message: "connection refused", unprocessed: true };
const AWAY = fail("UNAVAILABLE", "no broker answers").status;
const CALLS = 30;
const PARTITIONS = 2;

/** Mulberry32. */
const dice = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** What one call asks, record by record. */
interface Caller {
  readonly id: string;
  readonly partition: number;
  readonly messages: number;
  readonly more: Headers;
  /** After so many records the caller leaves. */
  readonly leaves: number;
  written: number;
  left: boolean;
}

class Game {
  readonly stage: Stage;
  readonly #random: () => number;
  readonly #callers: Caller[] = [];

  constructor(seed: number) {
    this.#random = dice(seed);
    const callsMax = 2 + this.#upTo(6);
    this.stage = new Stage({ partitions: PARTITIONS, limits: { callsMax, keptBytesMax: 64 * this.#upTo(4) } });
    for (let i = 0; i < CALLS; i++) this.#callers.push(this.#chance(0.15) ? this.#again(i) : this.#caller(i));
    this.stage.server.onCall = (call) => this.#called(call);
    this.stage.server.onHalfClose = (call) => this.#answer(call);
    this.stage.kafka.refuse = (_to, records) => (this.#chance(0.05) && records.at(-1)?.value === null ? AWAY : undefined);
  }

  async play(): Promise<void> {
    const { stage } = this;
    await stage.settle();
    for (let open = this.#callers; open.length > 0; open = open.filter((caller) => !caller.left && caller.written <= caller.messages)) {
      this.#ask(open[this.#upTo(open.length - 1)]!);
      if (this.#chance(0.3)) await stage.settle(this.#upTo(6));
      if (this.#chance(0.02)) await this.#rebalance();
      if (this.#chance(0.05)) await stage.pass(this.#upTo(300));
    }
    await this.#calm();
  }

  /** Everybody is where it should be, and time passes until all is done. */
  async #calm(): Promise<void> {
    const { stage } = this;
    stage.kafka.assign(GROUP);
    stage.kafka.refuse = () => undefined;
    for (let second = 0; second < 60 && !this.#done; second++) await stage.pass(2_000, 200);
    for (const caller of this.#callers) this.#check(caller);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      assert.equal(this.#committed(partition), this.#end(partition), `all of partition ${partition} is done`);
    }
    await stage.leave();
  }

  get #done(): boolean {
    const answered = this.#callers.every(({ id, left }) => left || this.stage.finals(id).length > 0);
    return answered && [...Array(PARTITIONS).keys()].every((partition) => this.#committed(partition) === this.#end(partition));
  }
  #committed(partition: number): number {
    return this.stage.kafka.committed(GROUP, { topic: "requests", partition }) ?? 0;
  }
  #end(partition: number): number {
    return this.stage.kafka.records("requests").filter((record) => record.partition === partition).length;
  }

  #check({ id, left }: Caller): void {
    const finals = this.stage.finals(id);
    if (left) return;
    assert.ok(finals.length > 0, `${id} was answered`);
    assert.equal(finals[0]![0]![1], "0", `${id}: ${finals[0]}`);
    const wanted = this.#callers
      .filter((caller) => caller.id === id)
      .map(({ messages }) => Buffer.from(utf8(`0-${messages - 1} of ${messages}`)).toString("hex"));
    // What follows the first final record nobody reads. It may be a run of what was left of a request that was answered before its end.
    const [first] = this.stage.replies(id);
    assert.ok(wanted.includes(first?.value ?? ""), `${id} was asked whole and in order`);
  }

  /** Another request with the key of one before: a hedge or a retry. */
  #again(i: number): Caller {
    const caller = this.#caller(i);
    const { id, partition, leaves } = this.#callers[this.#upTo(this.#callers.length - 1)] ?? caller;
    if (leaves !== Number.POSITIVE_INFINITY) return caller; // Its cancel would be taken for this one's as well.
    return { ...caller, id, partition, leaves };
  }

  #caller(i: number): Caller {
    const messages = 1 + (this.#chance(0.5) ? 0 : this.#upTo(12));
    const deadlineMs = this.stage.clock.now() + 1_000_000_000 + i;
    const more: Headers = [
      ["sluice:deadline", String(deadlineMs)],
      ...(this.#chance(0.5) ? ([["sluice:shape", "one-reply"]] as const) : []),
    ];
    const leaves = this.#chance(0.2) ? 1 + this.#upTo(messages) : Number.POSITIVE_INFINITY;
    return { id: `c${i}`, partition: i % PARTITIONS, messages, more, leaves, written: 0, left: false };
  }

  /** The next record of a call; the one after its messages is the tombstone. */
  #ask(caller: Caller): void {
    const { id, partition, messages, more, leaves } = caller;
    if (caller.written === leaves) {
      caller.left = true;
      this.stage.cancel(id, partition);
      if (caller.written <= messages) this.stage.request({ id, partition, more });
      return;
    }
    const value = caller.written < messages ? { value: message(caller.written) } : {};
    caller.written += 1;
    this.stage.request({ id, partition, more, ...value });
  }

  #called(call: ServedCall): void {
    call.slow = this.#chance(0.4);
    if (this.#chance(0.1)) throw Object.assign(fail("UNAVAILABLE", "no connection"), { status: REFUSED });
    if (this.#chance(0.15)) {
      call.ended = true; // It answers nothing.
      setImmediate(() => call.cancelled === undefined && call.reply.end(REFUSED));
    } else if (call.slow) setImmediate(() => this.#pull(call));
  }

  /** A slow server asks for more when it likes. */
  #pull(call: ServedCall): void {
    if (call.cancelled !== undefined || call.halfClosed || call.ended) return;
    if (this.#chance(0.5)) call.reply.ready();
    setImmediate(() => this.#pull(call));
  }

  #answer(call: ServedCall): void {
    const { messages, reply } = call;
    const numbers = messages.map(numberOf);
    const ordered = numbers.every((number, i) => number === i);
    const answer = utf8(ordered ? `${numbers[0]}-${numbers.at(-1)} of ${numbers.length}` : numbers.join());
    if (this.#chance(0.3)) reply.headers([["a", "b"]]);
    reply.write([answer]);
    if (this.#chance(0.5)) reply.end(OK);
    else setImmediate(() => call.cancelled === undefined && reply.end(OK));
  }

  async #rebalance(): Promise<void> {
    const partition = this.#upTo(PARTITIONS - 1);
    this.stage.kafka.revoke(GROUP, [{ topic: "requests", partition }], this.#chance(0.5) ? "lost" : "kept");
    await this.stage.settle(this.#upTo(20));
    if (this.#chance(0.3)) await this.stage.pass(6_000, 1_000);
    this.stage.kafka.assign(GROUP);
  }

  #chance(of: number): boolean {
    return this.#random() < of;
  }
  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1));
  }
}

const { SEED, GAMES } = process.env;
const seeds = SEED === undefined ? Array.from({ length: Number(GAMES ?? 12) }, (_, i) => i + 1) : [Number(SEED)];

test("whatever happens, every call that nobody left is answered whole, and nothing is left over", async () => {
  const happened = { feeds: 0, rests: 0, retries: 0, abandoned: 0, cancelled: 0, stray: 0 };
  for (const seed of seeds) {
    const game = new Game(seed);
    try {
      await game.play();
    } catch (reason) {
      throw new Error(`game ${seed}: ${game.stage.runtime.lines.join("")}`, { cause: reason });
    }
    for (const [name, count] of Object.entries(happened)) Object.assign(happened, { [name]: count + game.stage.count(name) });
  }
  if (SEED === undefined) for (const [name, count] of Object.entries(happened)) assert.ok(count > 0, `${name} happened`);
});
