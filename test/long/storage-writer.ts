// A process that writes to a log with many appends in flight, and tells on its output what was acknowledged, until it is killed.
//
//   node test/long/storage-writer.ts FOLDER SEED

import { systemProcesses } from "../../src/broker/storage/lock.ts";
import { DEFAULT_LOG_CONFIG } from "../../src/broker/storage/log-config.ts";
import { LogStore } from "../../src/broker/storage/log-store.ts";
import { nodeDisk } from "../../src/broker/storage/node-disk.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { batchOf, TOPIC_ID } from "../broker/storage/kit.ts";
import { seeded } from "../broker/storage/random.ts";

const IN_FLIGHT = 50;
const [folder = "", seed = "0"] = process.argv.slice(2);
const random = seeded(Number(seed));
const processes = await systemProcesses();
const store = await LogStore.open({ disk: nodeDisk, folder, fsync: "always", clock: systemClock, log: silentLog, processes });
const log = await store.log({ topic: "killed", topicId: TOPIC_ID, partition: 0 }, { ...DEFAULT_LOG_CONFIG, segmentBytes: 300_000 });

const writeOn = async (): Promise<never> => {
  for (;;) {
    const value = `${seed}-${"x".repeat(random.below(3_000))}${random.below(1_000_000)}`;
    const { baseOffset } = log.append(batchOf([value]));
    await log.durable(baseOffset + 1);
    process.stdout.write(`${baseOffset} ${value}\n`);
  }
};

await Promise.all(Array.from({ length: IN_FLIGHT }, writeOn));
