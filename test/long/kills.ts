// Kills a writing process again and again, and looks after each whether the log has what it had acknowledged.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemProcesses } from "../../src/broker/storage/lock.ts";
import { DEFAULT_LOG_CONFIG } from "../../src/broker/storage/log-config.ts";
import { LogStore } from "../../src/broker/storage/log-store.ts";
import { nodeDisk } from "../../src/broker/storage/node-disk.ts";
import { systemClock } from "../../src/core/clock.ts";
import { listeningLog, readFrom, recordsOf, TOPIC_ID } from "../broker/storage/kit.ts";
import { seeded } from "../broker/storage/random.ts";
import { start } from "../kit/processes.ts";

const WRITER = fileURLToPath(new URL("storage-writer.ts", import.meta.url));

/** What was acknowledged before the process was killed, by offset. */
const killedWriter = async (folder: string, round: number): Promise<ReadonlyMap<number, string>> => {
  const child = start(process.execPath, [WRITER, folder, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    // From the first acknowledgement on, it has a moment.
    if (told === "") setTimeout(() => child.kill("SIGKILL"), seeded(round).below(150));
    told += text;
  });
  await once(child, "close");
  assert.equal(child.signalCode, "SIGKILL", "it went on until it was killed");
  const whole = told.slice(0, told.lastIndexOf("\n")).split("\n");
  return new Map(whole.map((line) => [Number.parseInt(line, 10), line.slice(line.indexOf(" ") + 1)]));
};

const checkLog = async (folder: string, acknowledged: ReadonlyMap<number, string>): Promise<void> => {
  const { log: lines, said } = listeningLog();
  const processes = await systemProcesses();
  const store = await LogStore.open({ disk: nodeDisk, folder, fsync: "always", clock: systemClock, log: lines, processes });
  const log = await store.log({ topic: "killed", topicId: TOPIC_ID, partition: 0 }, DEFAULT_LOG_CONFIG);
  for (const [offset, value] of acknowledged) {
    const [first] = await readFrom(log, offset, 1);
    assert.deepEqual(first && recordsOf([first]), [`${offset}:${value}`]);
  }
  assert.deepEqual(
    said.filter(({ level }) => level === "error"),
    [],
  );
  await store.close();
};

/** How many acknowledged records were found again. */
export const kills = async (rounds: number): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-kills-"));
  const all = new Map<number, string>();
  try {
    for (let round = 0; round < rounds; round++) {
      const acknowledged = await killedWriter(join(folder, "broker"), round);
      for (const [offset, value] of acknowledged) {
        assert.ok(!all.has(offset), `offset ${offset} is given once`);
        all.set(offset, value);
      }
      await checkLog(join(folder, "broker"), round === rounds - 1 ? all : acknowledged);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return all.size;
};
