import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { announceStart } from "../../src/cli/engine-directory.ts";
import { stop } from "../../src/cli/stop.ts";

const stopped = async (engine: string): Promise<{ readonly status: number; readonly err: string }> => {
  const err: string[] = [];
  const io = { env: {}, directory: tmpdir(), out: () => {}, err: (text: string) => void err.push(text) };
  const flags = new Map([["property", [`zilla.engine.directory=${engine}`]]]);
  return { status: await stop.run({ flags, positionals: [] }, io), err: err.join("") };
};

const firstLine = async (child: ChildProcess): Promise<string> => {
  const [chunk] = await once(child.stdout!, "data");
  return String(chunk).trim();
};

test("a process that has ended, and whose parent has not asked how, has ended", {
  skip: existsSync("/proc/self/stat") ? false : "zombies are looked for in /proc, which is not here",
  timeout: 10_000,
}, async (t) => {
  const engine = mkdtempSync(join(tmpdir(), "sluice-stop-"));
  // A shell that starts a process and becomes another program, which never asks for its children.
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => parent.kill("SIGKILL"));
  announceStart(engine, { pid: Number(await firstLine(parent)), startMs: Date.now(), workers: 1 });
  assert.deepEqual(await stopped(engine), { status: 0, err: "" });
  assert.deepEqual(await stopped(engine), { status: 0, err: `nothing runs in ${engine}\n` }, "nor is it there to be stopped again");
});
