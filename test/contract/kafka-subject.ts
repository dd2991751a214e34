// What the suites of claims about a Kafka are given.
import type { Kafka } from "../../src/ports/kafka.ts";

/** A Kafka to be held to the contract. Topics are made new for each claim, so that claims do not meet. */
export interface KafkaSubject {
  readonly kafka: Kafka;
  /** Makes a topic and settles with its name once it can be used. */
  topic(partitions: number): Promise<string>;
  /** How many fetches and memberships are open, where that can be told. */
  open?(): number;
  /** Has all read and write calls end; nothing is left running. */
  close(): Promise<void>;
}

/** A subject, and how patient its claims are. */
export interface Claims {
  /** The subject, once the suite has started. */
  readonly subject: () => KafkaSubject;
  /** The longest a claim may take. */
  readonly timeoutMs: number;
}
