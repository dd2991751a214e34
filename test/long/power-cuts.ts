// `npm run long:power-cuts`: ten thousand power cuts while a broker's storage works, ten thousand flipped bits in what it has
// written, and two hundred processes killed under load. Nothing acknowledged may be lost, nothing torn served, no damage unseen.

import { crash } from "../broker/storage/crash.ts";
import { checkedFlip, type FlipWay } from "../broker/storage/damage.ts";
import { POWER_CUTS } from "./expected.ts";
import { kills } from "./kills.ts";
import { longRun, type Report } from "./record.ts";

const WAYS: readonly FlipWay[] = ["stopped", "killed", "running"];

const cuts = async (report: Report): Promise<void> => {
  let acknowledged = 0;
  let operations = 0;
  let torn = 0;
  for (let seed = 0; seed < POWER_CUTS.cuts / POWER_CUTS.cutsEach; seed++) {
    const run = await crash({ seed: 1_000_000 + seed, cuts: POWER_CUTS.cutsEach }).catch((reason: unknown) => {
      throw new Error(`power cuts, seed ${1_000_000 + seed}`, { cause: reason });
    });
    acknowledged += run.acknowledged;
    operations += run.operations;
    torn += run.torn;
  }
  report.figure("batches acknowledged", acknowledged);
  report.figure("calls of the disk", operations);
  report.figure("torn ends cut off", torn);
  report.pass(`${POWER_CUTS.cuts} power cuts: 0 acknowledged batches lost, 0 torn ones served`);
};

const flips = async (report: Report): Promise<void> => {
  for (let seed = 0; seed < POWER_CUTS.flips; seed++) {
    const cleanup = { delete: seed % 2 === 0, compact: seed % 2 === 1 };
    await checkedFlip({ seed, way: WAYS[seed % WAYS.length]!, config: { segmentBytes: 700, cleanup } });
  }
  report.pass(`${POWER_CUTS.flips} flipped bits: 0 undetected, 0 unreported`);
};

const killed = async (report: Report): Promise<void> => {
  report.figure("records acknowledged before a kill", await kills(POWER_CUTS.kills));
  report.pass(`${POWER_CUTS.kills} times kill -9 under load: 0 acknowledged records lost`);
};

await longRun("power-cuts", async (report) => {
  await cuts(report);
  await flips(report);
  await killed(report);
});
