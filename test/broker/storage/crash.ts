// One broker's life after another on one simulated disk: random work until the power goes, then everything that was acknowledged must be
// there. All of it follows from a seed.
import assert from "node:assert/strict";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import { place, sequenceAfter } from "../../../src/broker/storage/batch-facts.ts";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import type { LogStore } from "../../../src/broker/storage/log-store.ts";
import { encodeMarker } from "../../../src/broker/storage/markers.ts";
import type { PartitionLog } from "../../../src/broker/storage/partition-log.ts";
import { StateLog } from "../../../src/broker/storage/state-log.ts";
import { UPKEEP_TIMES } from "../../../src/broker/storage/upkeep.ts";
import { copy, text } from "../../../src/core/bytes.ts";
import { ManualClock } from "../../kit/clock.ts";
import { LogModel, StateModel } from "./crash-model.ts";
import { batchOf, logOf, NOW_MS, openStore, readFrom } from "./kit.ts";
import { type Random, seeded } from "./random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

export interface CrashRun {
  readonly seed: number;
  /** How often the power goes. */
  readonly cuts: number;
}

/** What a run has seen. */
export interface CrashReport {
  readonly acknowledged: number;
  readonly operations: number;
  /** Lines that say what was cut off. */
  readonly torn: number;
}

const LOGS = ["one", "two"] as const;
const STATE = { name: "state", id: "00000000-0000-0000-0000-00000000000f" };
const IDEMPOTENT = [1, 2];
const TRANSACTIONAL = [11, 12];

interface Life {
  readonly random: Random;
  readonly disk: SimulatedDisk;
  readonly store: LogStore;
  readonly clock: ManualClock;
  readonly logs: readonly { readonly log: PartitionLog; readonly model: LogModel }[];
  readonly state: { readonly log: StateLog; readonly model: StateModel };
  /** What is not answered yet. */
  readonly waiting: Set<Promise<void>>;
}

export const crash = async ({ seed, cuts }: CrashRun): Promise<CrashReport> => {
  const random = seeded(seed);
  const models = { logs: LOGS.map(() => new LogModel()), state: new StateModel() };
  const clock = new ManualClock(NOW_MS);
  let disk = new SimulatedDisk(random.below(0xffffffff));
  let operations = 0;
  let torn = 0;
  for (let cut = 0; cut < cuts; cut++) {
    const config = { segmentBytes: random.pick([5_000, 8_000, 20_000]), retentionBytes: random.pick([-1, -1, 30_000]) };
    // The power may go while the broker starts, too.
    if (random.chance(0.3)) disk.cutAfter(random.below(60));
    torn += await life({ random, disk, clock, models, config }).catch((reason: unknown) => {
      if (disk.isOff && !(reason instanceof assert.AssertionError)) return 0;
      throw reason;
    });
    operations += disk.operations;
    disk = random.chance(0.2) ? disk.kill() : disk.powerCut();
  }
  torn += await life({ random, disk, clock, models, config: {} });
  const acknowledged = models.logs.reduce((sum, model) => sum + model.acknowledged, 0);
  return { acknowledged, operations: operations + disk.operations, torn };
};

interface LifeOf {
  readonly random: Random;
  readonly disk: SimulatedDisk;
  readonly clock: ManualClock;
  readonly models: { readonly logs: readonly LogModel[]; readonly state: StateModel };
  readonly config: Partial<LogConfig>;
}

/** Returns how many torn ends were found at its start. */
const life = async ({ random, disk, clock, models, config }: LifeOf): Promise<number> => {
  const limits = { tailBytes: random.pick([0, 500, 100_000]), unsyncedBytes: 100_000, openFiles: 3 };
  // Retention is a step of the work, so that the model knows of it.
  const upkeep = { ...UPKEEP_TIMES, retentionMs: Number.MAX_SAFE_INTEGER };
  const { store, said } = await openStore({ disk, clock, limits, upkeep });
  const logs = [];
  for (const [at, topic] of LOGS.entries()) logs.push({ log: await logOf(store, config, topic), model: models.logs[at]! });
  const { state, entries } = await StateLog.open(store, STATE, () => clock.now());
  const told = new Map([...entries].map(([key, value]) => [key, text(value)]));
  for (const { log, model } of logs) await model.checkAfterStart(log);
  models.state.checkAfterStart(told);
  assert.deepEqual(
    said.filter(({ level }) => level === "error"),
    [],
    "what was torn is not taken for damage",
  );
  const torn = said.filter(({ message }) => message.includes("cut off")).length;
  if (random.chance(0.9)) disk.cutAfter(random.below(400));
  await work({ random, disk, store, clock, logs, state: { log: state, model: models.state }, waiting: new Set() });
  return torn;
};

const work = async (life: Life): Promise<void> => {
  const { random, disk, waiting } = life;
  for (let step = 0; step < 150 && !disk.isOff; step++) {
    await oneStep(life);
    if (random.chance(0.15)) disk.fault = faults(random);
    if (random.chance(0.3)) await Promise.all(waiting);
    if (random.chance(0.2)) await new Promise(setImmediate);
  }
  disk.fault = () => undefined;
  await Promise.all(waiting);
  if (random.chance(0.5)) await life.store.close().catch(() => {});
};

const faults = (random: Random): SimulatedDisk["fault"] => {
  if (random.chance(0.8)) return () => undefined;
  const code = random.pick(["ENOSPC", "EIO"]);
  return (operation) => (["write", "sync", "open"].includes(operation) && random.chance(0.3) ? code : undefined);
};

/** The disk may refuse anything; what the log refuses for other reasons is a mistake. */
const refusable = async (call: Promise<unknown>): Promise<boolean> => {
  try {
    await call;
    return true;
  } catch (reason) {
    const names = ["KAFKA_STORAGE_ERROR", "NOT_LEADER_OR_FOLLOWER"];
    if (reason instanceof BrokerError && names.includes(reason.name)) return false;
    throw reason;
  }
};

const oneStep = async (life: Life): Promise<void> => {
  const { random, clock, waiting } = life;
  const one = random.pick(life.logs);
  const { log } = one;
  const dice = random.next();
  const wait = (call: Promise<unknown>): void => {
    const done = refusable(call).then(() => void waiting.delete(done));
    waiting.add(done);
  };
  if (dice < 0.55) wait(append(life, one));
  else if (dice < 0.7) wait(change(life));
  else if (dice < 0.8) await refusable(readSome(random, one));
  else if (dice < 0.84) await refusable(log.steps.checkpoint());
  else if (dice < 0.87) await refusable(deleteSome(random, one));
  else if (dice < 0.95) await refusable(compactState(life));
  else if (dice < 0.97) clock.advance(random.below(120_000));
  else await refusable(retainSome(one));
};

const someText = (random: Random): string => "x".repeat(random.pick([1, 20, 300, 1_200])) + random.below(1_000_000);

const append = async ({ random, clock }: Life, { log, model }: Life["logs"][number]): Promise<void> => {
  const placed = random.chance(0.3) ? ending({ random, clock }, log) : batch(random, log);
  if (!placed) return;
  const { bytes, baseOffset, lastOffset } = placed;
  const told = model.given(bytes);
  await log.durable(lastOffset + 1);
  model.acknowledge(baseOffset, told);
};

interface Placed {
  readonly bytes: Uint8Array;
  readonly baseOffset: number;
  readonly lastOffset: number;
}

const batch = (random: Random, log: PartitionLog): Placed => {
  const values = Array.from({ length: 1 + random.below(4) }, () => someText(random));
  const id = random.pick([-1, -1, ...IDEMPOTENT, ...TRANSACTIONAL]);
  const entry = log.producer(id);
  const last = entry?.batches.at(-1)?.lastSequence;
  const producer = { id, epoch: entry?.epoch ?? 0, sequence: last === undefined ? 0 : sequenceAfter(last, 1) };
  const transactional = TRANSACTIONAL.includes(id) ? { transactional: true as const } : {};
  const bytes = batchOf(values, id < 0 ? {} : { producer, ...transactional });
  const { baseOffset, lastOffset } = log.append(bytes);
  return { bytes: copy(bytes), baseOffset, lastOffset };
};

/** A marker for a transaction that is open; its bytes are made the same way again. */
const ending = ({ random, clock }: Pick<Life, "random" | "clock">, log: PartitionLog): Placed | undefined => {
  const open = TRANSACTIONAL.map((id) => log.producer(id)).find((entry) => entry?.transactionStart !== undefined);
  if (!open) return undefined;
  const outcome = random.chance(0.5) ? "commit" : "abort";
  const { producerId, epoch } = open;
  const marker = { producerId, producerEpoch: epoch, coordinatorEpoch: 0, outcome } as const;
  const { baseOffset, lastOffset } = log.appendMarker(marker);
  const bytes = encodeMarker({ ...marker, timestampMs: clock.now() });
  place(bytes, baseOffset);
  return { bytes, baseOffset, lastOffset };
};

const change = async ({ random, state }: Life): Promise<void> => {
  const key = `k${random.below(8)}`;
  const value = random.chance(0.2) ? null : someText(random);
  const acknowledge = state.model.given(key, value);
  await (value === null ? state.log.delete(key) : state.log.put(key, Buffer.from(value)));
  acknowledge();
};

const readSome = async (random: Random, { log, model }: Life["logs"][number]): Promise<void> => {
  const { startOffset, highWatermark } = log;
  const offset = startOffset + random.below(highWatermark - startOffset + 1);
  model.checkRead(await readFrom(log, offset, random.below(3_000)));
};

const deleteSome = async (random: Random, { log, model }: Life["logs"][number]): Promise<void> => {
  const offset = log.startOffset + random.below(Math.min(20, log.highWatermark - log.startOffset + 1));
  model.deletionAsked(offset);
  await log.deleteRecordsBefore(offset);
  model.deleted(offset);
};

const retainSome = async ({ log, model }: Life["logs"][number]): Promise<void> => {
  // What is on its way may be durable by the time the segments are looked at.
  model.deletionAsked(log.endOffset);
  await log.steps.retain();
  model.deleted(log.startOffset);
};

const compactState = async ({ store, random }: Life): Promise<void> => {
  for (const log of store.logs()) {
    if (log.name !== "state-0") continue;
    if (random.chance(0.5)) await log.steps.roll();
    await log.steps.compact();
  }
};
