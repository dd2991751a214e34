// A topic: its name, its id, its settings, its partitions. Who holds one that was deleted is told so by its logs.
import type { Values } from "../configs/broker-settings.ts";
import type { PartitionLog } from "../storage/partition-log.ts";
import { isInternal } from "./names.ts";

export interface TopicOf {
  readonly name: string;
  /** A UUID with hyphens. */
  readonly id: string;
  readonly partitions: readonly (PartitionLog | undefined)[];
  readonly own: Values;
}

export class Topic {
  readonly name: string;
  readonly id: string;
  readonly isInternal: boolean;
  /** Settings of its own. */
  own: Values;
  /** Undefined: the log cannot be opened. */
  partitions: readonly (PartitionLog | undefined)[];

  constructor({ name, id, partitions, own }: TopicOf) {
    this.name = name;
    this.id = id;
    this.isInternal = isInternal(name);
    this.partitions = partitions;
    this.own = own;
  }
}
