// Opens the coordinator over the broker's own log, and says how its markers reach the partitions.

import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { BrokerError } from "../broker-error.ts";
import { OWN_LOGS } from "../metadata.ts";
import type { LogStore } from "../storage/log-store.ts";
import { StateLog } from "../storage/state-log.ts";
import type { Topics } from "../topics/topics.ts";
import { type Ended, TransactionCoordinator } from "./coordinator.ts";
import { ProducerIds } from "./producer-ids.ts";
import type { Producer, TransactionPartition } from "./transaction.ts";

const LOG = { name: `${OWN_LOGS}transactions`, id: "00000000-0000-0000-0000-000000000003" };

/** The part of the broker that transactions are. */
export interface Transactions {
  readonly coordinator: TransactionCoordinator;
  readonly producerIds: ProducerIds;
}

/** Makes the offsets that a producer committed in a group valid, or drops them. */
export type SettleOffsets = (group: string, producer: Producer, commit: boolean) => Promise<void>;

/** What transactions are built on. */
export interface TransactionsOn {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: LogStore;
  readonly topics: Topics;
}

export const openTransactions = async (on: TransactionsOn, settleOffsets: SettleOffsets): Promise<Transactions> => {
  const { clock, log, store, topics } = on;
  const { state, entries } = await StateLog.open(store, LOG, () => clock.now());
  const producerIds = new ProducerIds(state, entries);
  const mark = async ({ topic, partition }: TransactionPartition, ended: Ended): Promise<void> => {
    const found = topics.get(topic)?.partitions[partition];
    if (!found) return; // The topic was deleted meanwhile: nobody reads what was written to it.
    await markPartition(found, ended);
  };
  const coordinator = new TransactionCoordinator({ clock, log, store: state, entries, producerIds, mark, settleOffsets });
  return { coordinator, producerIds };
};

/** What a marker is written to. */
export interface Marked {
  appendMarker(ending: { producerId: number; producerEpoch: number; coordinatorEpoch: number; outcome: "commit" | "abort" }): {
    lastOffset: number;
  };
  durable(offset: number): Promise<void>;
}

/** Settles when the marker is durable. A partition that knows a newer epoch has been told already. */
export const markPartition = async (log: Marked, { producerId, epoch, coordinatorEpoch, outcome }: Ended): Promise<void> => {
  let lastOffset: number;
  try {
    ({ lastOffset } = log.appendMarker({ producerId, producerEpoch: epoch, coordinatorEpoch, outcome }));
  } catch (reason) {
    if (reason instanceof BrokerError && reason.name === "INVALID_PRODUCER_EPOCH") return;
    throw reason;
  }
  await log.durable(lastOffset + 1);
};
