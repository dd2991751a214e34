// What all calls of one remote server share.
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { CorrelationNames } from "../../exchange/names.ts";
import { enter } from "../../flow/enter.ts";
import type { Deadline, Wheel } from "../../flow/wheel.ts";
import type { Acks, Kafka } from "../../ports/kafka.ts";
import type { Limits } from "./limits.ts";
import type { OffsetBudget } from "./offsets.ts";
import type { Tally } from "./tally.ts";

export interface Shared {
  /** `namespace:name`, for log lines. */
  readonly binding: string;
  readonly kafka: Kafka;
  readonly acks: Acks;
  readonly names: CorrelationNames;
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly log: Log;
  readonly limits: Limits;
  readonly budget: OffsetBudget;
  readonly tally: Tally;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Does `work` when Unix time `atMs` has passed. A throw is a bug of ours: it is logged and hurts nobody else. */
export const later = ({ wheel, log, binding }: Shared, atMs: number, work: () => void): Deadline =>
  wheel.at(atMs, {
    expired: () => enter(work, (error) => log.error("a timer of the remote server failed", { binding }, error.cause ?? error)),
  });
