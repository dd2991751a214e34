// The long poll of a fetch: reads again whenever one of its logs has changed, until there is enough, the time is up, or the client has gone.
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import type { PartitionLog } from "../storage/partition-log.ts";
import { logOf, type Pass, type Reading, readOnce } from "./read.ts";
import type { FetchTarget } from "./targets.ts";
import { Watch } from "./watch.ts";

/** How long to wait, and for how much. */
export interface Patience {
  readonly waitMs: number;
  readonly bytesMin: number;
}

/** Undefined when one of them has gone just now: the next read tells. */
const logsOf = (targets: readonly FetchTarget[], context: RequestContext): ReadonlySet<PartitionLog> | undefined => {
  try {
    return new Set(targets.map((target) => logOf(target, context)));
  } catch (reason) {
    if (reason instanceof BrokerError) return undefined;
    throw reason;
  }
};

const enough = (pass: Pass, { bytesMin }: Patience): boolean => pass.hasErrors || pass.bytes >= bytesMin;

export const readPatiently = async (targets: readonly FetchTarget[], reading: Reading, patience: Patience): Promise<Pass> => {
  const first = await readOnce(targets, reading);
  if (targets.length === 0 || patience.waitMs <= 0 || enough(first, patience)) return first;
  const logs = logsOf(targets, reading.context);
  if (!logs) return readOnce(targets, reading);
  const watch = new Watch(logs, patience.waitMs, reading.context);
  try {
    for (let pass = await readOnce(targets, reading); ; pass = await readOnce(targets, reading)) {
      if (watch.isOver || enough(pass, patience)) return pass;
      await watch.change();
    }
  } finally {
    watch.close();
  }
};
