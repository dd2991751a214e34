// ARCHITECTURE.md leads through the source by file and name, so both have to be there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { missingOf } from "./architecture.ts";

const ROOT = new URL("../../", import.meta.url);

test("every file and every name that ARCHITECTURE.md tells exists", () => {
  assert.deepEqual(missingOf(readFileSync(new URL("ARCHITECTURE.md", ROOT), "utf8"), ROOT), []);
});

test("a file or a name that is gone is told", () => {
  const text = "`core/log.ts` `processLog`, `gone.ts`, `core/log.ts` `gone`, `nowhere/gone.ts` `Gone.#all`";
  assert.deepEqual(missingOf(text, ROOT), ["src/core/gone.ts", "src/core/log.ts gone", "src/nowhere/gone.ts"]);
});
