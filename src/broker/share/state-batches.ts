// Runs of offsets as brokers tell each other of them: what was given and came back, and what is done.
import { BrokerError } from "../broker-error.ts";
import { availableRun, changed, doneRun, joined, lengthOf, NEVER, type Run, runsIn } from "./runs.ts";
import { runsOf, type ShareSnapshot } from "./share-partition.ts";
import type { ShareState } from "./share-records.ts";

/** As brokers number what became of records: acknowledged and archived ones are done. */
const DELIVERY = { available: 0, acquired: 1, acknowledged: 2, archived: 4 } as const;
const DONE: readonly number[] = [DELIVERY.acknowledged, DELIVERY.archived];
const STATES: readonly number[] = Object.values(DELIVERY);
/** Of one partition that is written; a broker that gives more at once is none. */
const OFFSETS_MAX = 1_000_000;

export interface StateBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

/** What was never given is not told. */
export const batchesOf = (runs: ShareSnapshot["runs"]): readonly StateBatch[] =>
  runs
    .filter(([, , deliveries, state]) => state === "done" || deliveries > 0)
    .map(([firstOffset, lastOffset, deliveryCount, state]) => ({
      ...{ firstOffset, lastOffset, deliveryCount },
      deliveryState: state === "done" ? DELIVERY.acknowledged : DELIVERY.available,
    }));

const checkBatches = (batches: readonly StateBatch[], from: number): void => {
  const isSound = ({ firstOffset, lastOffset, deliveryState }: StateBatch): boolean =>
    firstOffset >= 0 && firstOffset <= lastOffset && lastOffset - from < OFFSETS_MAX && STATES.includes(deliveryState);
  if (!batches.every(isSound)) throw new BrokerError("INVALID_REQUEST", "a batch of offsets is none");
};

/** Up to an offset, all that lies before it included. */
const grown = (runs: readonly Run[], { start, last }: { readonly start: number; readonly last: number }): readonly Run[] => {
  const end = (runs.at(-1)?.last ?? start - 1) + 1;
  return last < end ? runs : joined(runs, [availableRun({ first: end, last }, 0)]);
};

export interface Written {
  /** -1: as before. */
  readonly startOffset: number;
  readonly stateBatches: readonly StateBatch[];
}

/** The state after that was written. Throws INVALID_REQUEST. */
export const withBatches = (state: ShareState, { startOffset, stateBatches }: Written): ShareState => {
  const start = Math.max(startOffset, state.start, 0);
  checkBatches(stateBatches, start);
  let runs: readonly Run[] = runsIn(runsOf(state.runs), { first: start, last: NEVER });
  for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of stateBatches) {
    if (lastOffset < start) continue;
    const span = { first: Math.max(firstOffset, start), last: lastOffset };
    const to = DONE.includes(deliveryState) ? doneRun : availableRun;
    runs = changed(grown(runs, { start, last: lastOffset }), span, (run) => to(run, deliveryCount));
  }
  const kept = runs.map(
    ({ first, last, deliveries, state: of }) => [first, last, deliveries, of === "done" ? "done" : "available"] as const,
  );
  const done = runs.filter(({ state: of }) => of === "done").reduce((sum, run) => sum + lengthOf(run), 0);
  return { ...state, begun: true, start, done, runs: kept };
};
