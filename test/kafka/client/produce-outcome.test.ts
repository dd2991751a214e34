import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answered, type Outcome, outcomeOf } from "../../../src/kafka/client/produce-outcome.ts";

const IDEMPOTENT: Answered = { code: 0, idempotent: true, first: true, entries: 5, attempts: 1 };
const PLAIN: Answered = { ...IDEMPOTENT, idempotent: false };

const CASES: readonly (readonly [what: string, answered: Answered, outcome: Outcome])[] = [
  ["no error", IDEMPOTENT, "written"],
  ["another leader", { ...IDEMPOTENT, code: 6 }, "again"],
  ["too few replicas in sync", { ...PLAIN, code: 19 }, "again"],
  ["a sequence that is written already", { ...IDEMPOTENT, code: 46 }, "written"],
  ["a sequence that is written already, though we number nothing", { ...PLAIN, code: 46 }, "fail"],
  ["out of order behind a batch that is sent again", { ...IDEMPOTENT, code: 45, first: false }, "again"],
  ["out of order with nothing before", { ...IDEMPOTENT, code: 45 }, "renew"],
  ["a forgotten producer", { ...IDEMPOTENT, code: 59 }, "renew"],
  ["an old epoch", { ...IDEMPOTENT, code: 47 }, "renew"],
  ["too large, several together", { ...IDEMPOTENT, code: 10 }, "split"],
  ["too large, alone", { ...IDEMPOTENT, code: 10, entries: 1 }, "fail"],
  ["an invalid record among several", { ...PLAIN, code: 87 }, "split"],
  ["an invalid record alone", { ...PLAIN, code: 87, entries: 1 }, "fail"],
  ["damaged, perhaps on the way", { ...PLAIN, code: 2 }, "again"],
  ["damaged again and again, several together", { ...PLAIN, code: 2, attempts: 3 }, "split"],
  ["damaged again and again, alone", { ...PLAIN, code: 2, attempts: 3, entries: 1 }, "fail"],
  ["not allowed", { ...IDEMPOTENT, code: 29 }, "fail"],
  ["a code without a name", { ...IDEMPOTENT, code: 9_999 }, "fail"],
];

for (const [what, answered, outcome] of CASES)
  test(`${what}: ${outcome}`, () => {
    assert.equal(outcomeOf(answered), outcome);
  });
