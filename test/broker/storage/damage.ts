// Flips one bit of a log that was written and synced, at a place that chance chooses, then looks whether anybody notices.
import assert from "node:assert/strict";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import { factsOf } from "../../../src/broker/storage/batch-facts.ts";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import type { PartitionLog } from "../../../src/broker/storage/partition-log.ts";
import { copy } from "../../../src/core/bytes.ts";
import { appended, batchOf, logOf, nextOffsetOf, openStore, readFrom, type Said } from "./kit.ts";
import { type Random, seeded } from "./random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

/** How the flip came to be: the log was stopped cleanly before, or not, or went on. */
export type FlipWay = "stopped" | "killed" | "running";

export interface Flip {
  readonly seed: number;
  readonly way: FlipWay;
  readonly config: Partial<LogConfig>;
}

interface FlipReport {
  readonly file: string;
  /** Somebody said something, or refused to read. */
  readonly isReported: boolean;
  /** All batches were served as they were. */
  readonly isWhole: boolean;
}

const TAIL_NONE = { tailBytes: 0, unsyncedBytes: 1_000 };

/** A batch that is served and was not written fails an assertion. */
const flip = async ({ seed, way, config }: Flip): Promise<FlipReport> => {
  const random = seeded(seed);
  const disk = new SimulatedDisk(seed);
  const first = await openStore({ disk, limits: TAIL_NONE });
  const log = await logOf(first.store, config);
  const written = await fill(random, log);
  if (config.cleanup?.compact) await compacted(log, written);
  if (way === "stopped") await first.store.close();
  const file = random.pick(disk.files().filter((path) => path.includes("orders-0")));
  const size = disk.contentOf(file).length;
  const left = way === "killed" ? disk.kill() : disk;
  if (size > 0) left.flip(file, random.below(size * 8));
  const again = way === "running" ? undefined : await openStore({ disk: left, limits: TAIL_NONE });
  const said = again?.said ?? first.said;
  const opened = again ? await logOf(again.store, config).catch(refused) : log;
  const served = opened ? await everything(opened) : { batches: [], refusals: 1 };
  for (const batch of served.batches) assert.equal(written.get(factsOf(batch).baseOffset), hex(batch), "what is served was written");
  const isReported = served.refusals > 0 || said.some(isTrouble) || size === 0;
  return { file, isReported, isWhole: served.batches.length === written.size };
};

/** Nothing of it may go unseen; of an index, nothing is needed but that the log is read all the same. */
export const checkedFlip = async (of: Flip): Promise<void> => {
  const { file, isReported, isWhole } = await flip(of);
  assert.ok(isReported || (isWhole && !file.endsWith(".log")), `seed ${of.seed}: a bit of ${file}`);
  if (file.endsWith(".index")) assert.ok(isWhole, `seed ${of.seed}: nothing is lost with an index`);
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const isTrouble = ({ level, message }: Said): boolean => level === "error" || message.includes("cut off");
const refused = (reason: unknown): undefined => {
  assert.ok(reason instanceof BrokerError);
  return undefined;
};

const fill = async (random: Random, log: PartitionLog): Promise<Map<number, string>> => {
  const written = new Map<number, string>();
  for (let at = 0; at < 30; at++) {
    const batch = batchOf(
      Array.from({ length: 1 + random.below(3) }, (_, index) => `k${random.below(9)}=${index}${"v".repeat(random.below(120))}`),
    );
    written.set(await appended(log, batch), hex(batch));
    if (random.chance(0.1)) await log.steps.checkpoint();
  }
  return written;
};

/** What is left of the batches, as it is stored from now on. */
const compacted = async (log: PartitionLog, written: Map<number, string>): Promise<void> => {
  await log.steps.roll();
  await log.steps.compact();
  const { batches } = await everything(log);
  written.clear();
  for (const batch of batches) written.set(factsOf(batch).baseOffset, hex(batch));
};

/** By single reads, each going on behind what could not be read. */
const everything = async (log: PartitionLog): Promise<{ readonly batches: Uint8Array[]; readonly refusals: number }> => {
  const batches: Uint8Array[] = [];
  let refusals = 0;
  for (let offset = log.startOffset; offset < log.highWatermark; ) {
    try {
      const read = await readFrom(log, offset, 1);
      if (read.length === 0) break;
      batches.push(...read.map(copy));
      offset = nextOffsetOf(read.at(-1)!);
    } catch (reason) {
      refused(reason);
      refusals++;
      offset++;
    }
  }
  return { batches, refusals };
};
