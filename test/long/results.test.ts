import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { EXPECTED } from "./expected.ts";
import { readResult } from "./record.ts";

const here = new URL(".", import.meta.url);

test("every long run has a script, a result and an expectation", () => {
  const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", here), "utf8")) as { scripts: Record<string, string> };
  const runs = Object.keys(scripts).filter((name) => name.startsWith("long:"));
  assert.deepEqual(runs.map((name) => name.slice("long:".length)).sort(), Object.keys(EXPECTED).sort());
  assert.deepEqual(
    readdirSync(new URL("results", here)).sort(),
    Object.keys(EXPECTED)
      .map((name) => `${name}.json`)
      .sort(),
  );
});

for (const [name, claims] of Object.entries(EXPECTED)) {
  test(`the last long run ${name} passed all that it should`, () => {
    const { passes, commit, date } = readResult(name);
    assert.deepEqual(passes, claims);
    assert.match(commit, /^[0-9a-f]{40}$/, "a result is of a commit, without changes beside it");
    assert.ok(Number.isFinite(Date.parse(date)));
  });
}
