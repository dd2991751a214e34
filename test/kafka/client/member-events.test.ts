import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { utf8 } from "../../../src/core/bytes.ts";
import { MemberEvents } from "../../../src/kafka/client/member-events.ts";
import { OwnedPartition } from "../../../src/kafka/client/owned-partition.ts";
import type { ConsumeEvent } from "../../../src/ports/kafka.ts";
import { stored } from "../log/history.ts";

/** Two partitions, a caller that says `more` to what it is given, and whether the source is asked to go on. */
const stage = () => {
  const caller = { more: true, got: [] as string[], reads: true, takes: (_shown: readonly string[]): void => {} };
  const shown = (event: ConsumeEvent): string =>
    event.kind === "records" ? `${event.partition}: ${event.records.map(({ offset }) => offset).join(" ")}` : event.kind;
  const events = new MemberEvents(
    {
      headers: () => {},
      write: (batch) => {
        caller.got.push(...batch.map(shown));
        caller.takes(batch.map(shown));
        return caller.more;
      },
      end: () => {},
      ready: () => {},
    },
    {
      pause: () => {
        caller.reads = false;
      },
      resume: () => {
        caller.reads = true;
      },
    },
  );
  const [first, second] = [0, 1].map((partition) => new OwnedPartition({ topic: "t", partition }));
  const give = (owned: OwnedPartition, base: number): void =>
    events.records(owned, stored(owned.partition, base, [{ key: null, value: utf8("v"), headers: [] }]));
  return { events, caller, give, first: first!, second: second! };
};

test("what came of a paused partition waits in its order, and neither the others nor the source wait for it", () => {
  const { events, caller, give, first, second } = stage();
  first.paused = true;
  events.flowChanged();
  for (const base of [0, 1]) {
    give(first, base);
    give(second, base);
  }
  assert.deepEqual([caller.got, caller.reads], [["1: 0", "1: 1"], true]);
  first.paused = false;
  events.flowChanged();
  assert.deepEqual(caller.got.slice(2), ["0: 0", "0: 1"]);
});

test("a caller that wants nothing gets nothing when a partition is resumed, and all of it when it is ready", async () => {
  const { events, caller, give, first, second } = stage();
  first.paused = true;
  events.flowChanged();
  give(first, 0);
  caller.more = false;
  give(second, 0);
  give(second, 1);
  first.paused = false;
  events.flowChanged();
  assert.deepEqual([caller.got, caller.reads], [["1: 0"], false]);
  caller.more = true;
  events.ready();
  await turn();
  assert.deepEqual([caller.got, caller.reads], [["1: 0", "0: 0", "1: 1"], true]);
});

test("a partition may be paused by what it gives, in the same turn", () => {
  const { events, caller, give, first, second } = stage();
  first.paused = true;
  events.flowChanged();
  for (const base of [0, 1, 2]) give(first, base);
  caller.takes = (lines) => {
    first.paused ||= lines.includes("0: 1");
    if (first.paused) events.flowChanged();
  };
  first.paused = false;
  events.flowChanged();
  give(second, 0);
  assert.deepEqual(caller.got, ["0: 0", "0: 1", "1: 0"]);
});

test("a partition may be resumed by what is said of it, in the same turn", () => {
  const { events, caller, give, first } = stage();
  first.paused = true;
  events.flowChanged();
  give(first, 0);
  caller.takes = () => {
    first.paused = false;
    events.flowChanged();
  };
  events.control({ kind: "crowded", topic: "t", partition: 0, crowded: false });
  assert.deepEqual(caller.got, ["crowded", "0: 0"]);
});

test("what waits of a partition that goes away is dropped", () => {
  const { events, caller, give, first } = stage();
  first.paused = true;
  events.flowChanged();
  give(first, 0);
  events.drop(first);
  first.paused = false;
  events.flowChanged();
  assert.deepEqual([caller.got, caller.reads], [[], true]);
});
