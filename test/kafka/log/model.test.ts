// The log against a model: whatever is appended, dropped, read slowly and from wherever, each reader is given exactly what it asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import type { ProducedRecord, StoredRecord } from "../../../src/ports/kafka.ts";
import { History, recordOf, TOPIC } from "./history.ts";
import { type Asking, Reading } from "./reading.ts";

const PARTITIONS = 3;
const LETTERS = ["a", "b", "c"] as const;

type Step =
  | { readonly do: "write"; readonly partition: number; readonly letters: readonly number[] }
  | { readonly do: "read"; readonly reader: number; readonly times: number }
  | { readonly do: "answer" }
  | { readonly do: "join"; readonly asking: Wish }
  | { readonly do: "resume"; readonly reader: number; readonly record: number };

interface Wish {
  readonly from: "earliest" | "latest";
  readonly want: "all" | "key" | "header" | "either" | "correlated" | "partition";
}

const wish: fc.Arbitrary<Wish> = fc.record({
  from: fc.constantFrom("earliest", "latest"),
  want: fc.constantFrom("all", "key", "header", "either", "correlated", "partition"),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      partition: fc.nat(PARTITIONS - 1),
      letters: fc.array(fc.nat(LETTERS.length), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("read" as const), reader: fc.nat(20), times: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.constant({ do: "answer" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("join" as const), asking: wish }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), reader: fc.nat(20), record: fc.nat(50) }) },
);

/** What a reader asked for, and where it was then. */
interface Expecting {
  readonly reading: Reading;
  readonly wants: (record: ProducedRecord) => boolean;
  readonly partitions: readonly number[];
  readonly start: readonly number[];
}

const isLetter =
  (letter: string) =>
  (record: ProducedRecord): boolean =>
    Buffer.from(record.value!).toString().startsWith(letter);
const header = { name: "letter", value: utf8("b") };
const WANTS: Record<Wish["want"], { asking: Partial<Asking>; wants: (record: ProducedRecord) => boolean; partitions?: readonly number[] }> =
  {
    all: { asking: {}, wants: () => true },
    key: { asking: { filters: [{ key: utf8("a") }] }, wants: isLetter("a") },
    header: { asking: { filters: [{ headers: [header] }] }, wants: isLetter("b") },
    either: {
      asking: { filters: [{ key: utf8("a") }, { key: utf8("b"), headers: [header] }] },
      wants: (record) => isLetter("a")(record) || isLetter("b")(record),
    },
    correlated: { asking: { correlated: header }, wants: isLetter("b") },
    partition: { asking: { partitions: new Set([1]) }, wants: () => true, partitions: [1] },
  };

class World {
  readonly history = new History(PARTITIONS);
  readonly log: TopicLog;
  readonly expecting: Expecting[] = [];
  readonly #wishes: Wish[] = [];
  #count = 0;

  /** What is written before the log begins is older than the log; a partition may begin there with a gap in memory. */
  constructor(bytesMax: number, old: readonly number[], live: boolean) {
    for (const [partition, count] of old.entries()) this.history.write(partition, this.#records(new Array(count).fill(0)));
    this.log = new TopicLog({ topic: TOPIC, memory: new LogMemory(bytesMax), ranges: this.history });
    for (const [partition, count] of old.entries())
      this.log.open(partition, live ? { offset: count, end: count, earliest: false } : { offset: 0, end: count, earliest: true });
    if (!live) for (const [partition, records] of this.history.partitions.entries()) this.#load(partition, records);
  }

  run(one: Step): void {
    if (one.do === "write") this.#write(one.partition, one.letters);
    else if (one.do === "answer") this.history.answer();
    else if (one.do === "join") this.#join(one.asking, one.asking.from);
    else if (this.expecting.length > 0) {
      const index = one.reader % this.expecting.length;
      const { reading } = this.expecting[index]!;
      if (one.do === "read") for (let times = 0; times < one.times && reading.woken; times++) reading.step();
      else if (reading.records.length > 0)
        this.#join(this.#wishes[index]!, new Map(reading.records[one.record % reading.records.length]!.progress.entries()));
    }
  }

  /** Everybody reads everything. */
  finish(): void {
    do for (const { reading } of this.expecting) reading.drain();
    while (this.history.answer());
  }

  #join(asked: Wish, from: Asking["from"]): void {
    const { asking, wants, partitions = [0, 1, 2] } = WANTS[asked.want];
    const ends = this.history.partitions.map(({ length }) => length);
    const start =
      typeof from === "string"
        ? ends.map((end) => (from === "latest" ? end : 0))
        : ends.map((_, partition) => Math.max(0, from.get(partition)!));
    this.#wishes.push(asked);
    this.expecting.push({ reading: new Reading(this.log, { ...asking, from }), wants, partitions, start });
  }

  #write(partition: number, letters: readonly number[]): void {
    const { records, next } = this.history.write(partition, this.#records(letters));
    this.log.append(partition, records, next);
  }

  /** The letter that there is none of is a gap. */
  #records(letters: readonly number[]): (ProducedRecord | undefined)[] {
    return letters.map((letter) => {
      const name = LETTERS[letter];
      return name && recordOf(`${name}${this.#count++}`, [["letter", name]], name);
    });
  }

  #load(partition: number, records: readonly (ProducedRecord | undefined)[]): void {
    const again = new History(PARTITIONS).write(partition, records);
    this.log.append(partition, again.records, again.next);
  }
}

const idOf = ({ partition, offset }: StoredRecord): string => `${partition}/${offset}`;

const verify = (history: History, { reading, wants, partitions, start }: Expecting): void => {
  assert.equal(reading.status, undefined);
  for (const partition of [0, 1, 2]) {
    const given = reading.records.filter((record) => record.partition === partition).map(({ offset }) => offset);
    const wanted = partitions.includes(partition)
      ? [...history.partitions[partition]!.keys()].filter(
          (offset) =>
            offset >= start[partition]! && history.partitions[partition]![offset] && wants(history.partitions[partition]![offset]!),
        )
      : [];
    assert.deepEqual(given, wanted, `partition ${partition}`);
  }
  // Progress: never back, and exact for what was given.
  let before: readonly number[] = [];
  for (const record of reading.records) {
    assert.equal(record.progress[record.partition], record.offset + 1);
    for (const [partition, next] of record.progress.entries())
      assert.ok(next >= (before[partition] ?? -2), `progress goes back at ${idOf(record)}`);
    before = record.progress;
  }
  for (const [index, record] of reading.records.entries())
    for (const later of reading.records.slice(index + 1))
      assert.ok(later.offset >= record.progress[later.partition]!, `${idOf(later)} lies before the progress of ${idOf(record)}`);
};

test("every reader is given all that it asked for, once and in the order of each partition", () => {
  fc.assert(
    fc.property(
      fc.record({
        bytesMax: fc.constantFrom(1, 2_000, 4_000, 8_000, 1 << 20),
        old: fc.tuple(fc.nat(5), fc.nat(5), fc.nat(1)),
        live: fc.boolean(),
      }),
      fc.array(step, { minLength: 40, maxLength: 80 }),
      ({ bytesMax, old, live }, steps) => {
        const world = new World(bytesMax, old, live);
        for (const one of steps) world.run(one);
        world.finish();
        for (const expecting of world.expecting) verify(world.history, expecting);
      },
    ),
    { numRuns: 200 },
  );
});
