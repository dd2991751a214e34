import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { announceReady, announceStart, announceStop, runningPid } from "../../src/cli/engine-directory.ts";

test("ready appears after the start and goes with the process, info names it", () => {
  const engine = join(mkdtempSync(join(tmpdir(), "sluice-")), "deep", "engine");
  assert.equal(runningPid(engine), undefined);
  announceStart(engine, { pid: 4711, startMs: 1_700_000_000_000, workers: 3 });
  assert.equal(runningPid(engine), 4711);
  assert.equal(readFileSync(join(engine, "info")).readBigInt64LE(8), 1_700_000_000_000n);
  assert.equal(readFileSync(join(engine, "info")).readInt32LE(16), 3);
  assert.ok(!existsSync(join(engine, "ready")));
  announceReady(engine);
  assert.ok(existsSync(join(engine, "ready")));
  announceStart(engine, { pid: 4712, startMs: 0, workers: 1 });
  assert.ok(!existsSync(join(engine, "ready")), "a ready of an earlier process is removed at once");
  announceStop(engine);
  assert.equal(runningPid(engine), undefined);
});
