import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src/cli/command.ts";
import { WORKERS_MAX, workerCount, workersOfMachine } from "../../src/cli/worker-count.ts";

const PROPERTY = "zilla.engine.workers";
const counted = (
  flag: string | undefined,
  properties: Readonly<Record<string, string>> = {},
  platform: NodeJS.Platform = "linux",
): number => workerCount({ flag, properties: new Map(Object.entries(properties)), otherwise: 4, platform });

test("the flag goes before the property, which goes before what the command takes by itself", () => {
  assert.equal(counted(undefined), 4);
  assert.equal(counted(undefined, { [PROPERTY]: "3" }), 3);
  assert.equal(counted("2", { [PROPERTY]: "3" }), 2);
  assert.equal(counted(String(WORKERS_MAX)), WORKERS_MAX);
});

for (const text of ["0", "-1", "1.5", "", " 2", "two", "1e1", String(WORKERS_MAX + 1), "99999999999999999999"]) {
  test(`'${text}' is no number of processes, and the message says what is`, () => {
    for (const ask of [() => counted(text), () => counted(undefined, { [PROPERTY]: text })])
      assert.throws(ask, (reason) => reason instanceof UsageError && /from 1 to 512 is wanted/.test(reason.message));
  });
}

test("where a port cannot be shared there is one process, and asking for more is refused with the reason", () => {
  assert.equal(workersOfMachine("darwin"), 1);
  assert.ok(workersOfMachine("linux") >= 1);
  assert.equal(counted("1", {}, "darwin"), 1);
  assert.throws(() => counted("2", {}, "darwin"), /--workers 2, but darwin cannot share a port among processes; 1 is possible/);
});
