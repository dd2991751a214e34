// Who reads what the program prints may leave before it is done.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { SLUICE } from "../kit/sluice.ts";

test("a reader that leaves in the middle of the output is no failure", async () => {
  const child = spawn(process.execPath, [SLUICE, "schema"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [status] = await once(child, "close");
  assert.deepEqual([status, said], [0, ""]);
});
