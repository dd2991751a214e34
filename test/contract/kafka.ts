// What every Kafka keeps, whether it is the memory one, our client or the cache over either: claims of the port, each one a test.
import { after, before, describe } from "node:test";
import type { Kafka } from "../../src/ports/kafka.ts";
import { consumeClaims } from "./kafka-consume.ts";
import { fetchClaims } from "./kafka-fetch.ts";
import { produceClaims } from "./kafka-produce.ts";

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

export interface Claims {
  /** The subject, once the suite has started. */
  readonly subject: () => KafkaSubject;
  /** The longest a claim may take. */
  readonly timeoutMs: number;
}

/** Runs all claims on what `make` makes, once for all of them. */
export const kafkaContract = (
  name: string,
  make: () => Promise<KafkaSubject>,
  { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
): void => {
  describe(`${name} keeps the contract of a Kafka`, () => {
    let made: KafkaSubject | undefined;
    before(async () => {
      made = await make();
    });
    after(async () => {
      await made?.close();
    });
    const claims: Claims = {
      subject: () => made!, // Set before any test of the suite runs.
      timeoutMs,
    };
    produceClaims(claims);
    fetchClaims(claims);
    consumeClaims(claims);
  });
};
