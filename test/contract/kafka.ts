// What every Kafka keeps, whether it is the memory one, our client or the cache over either: claims of the port, each one a test.
import { after, before, describe } from "node:test";
import { consumeClaims } from "./kafka-consume.ts";
import { fetchClaims } from "./kafka-fetch.ts";
import { produceClaims } from "./kafka-produce.ts";
import type { Claims, KafkaSubject } from "./kafka-subject.ts";

const ALL = [produceClaims, fetchClaims, consumeClaims];

export interface ContractOptions {
  /** The longest a claim may take. */
  readonly timeoutMs?: number;
  /** All of them when absent. */
  readonly suites?: readonly ((claims: Claims) => void)[];
}

/** Runs the claims on what `make` makes, once for all of them. */
export const kafkaContract = (
  name: string,
  make: () => Promise<KafkaSubject>,
  { timeoutMs = 30_000, suites = ALL }: ContractOptions = {},
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
    for (const suite of suites) suite(claims);
  });
};
