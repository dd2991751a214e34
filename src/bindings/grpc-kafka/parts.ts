// What the calls of a route are given beside the route itself.
import type { CorrelationNames } from "../../exchange/names.ts";
import type { Share } from "../../ports/kafka.ts";
import type { ProxyCounters } from "./counters.ts";
import type { Failures } from "./failures.ts";
import type { KeyedCalls } from "./keyed-calls.ts";
import type { PatienceLimit } from "./patience.ts";

export interface ProxyParts {
  readonly names: CorrelationNames;
  readonly idempotencyMetadata: string;
  readonly reliabilityMetadata: string;
  readonly messageIdTag: Uint8Array;
  readonly counters: ProxyCounters;
  readonly failures: Failures;
  readonly keyed: KeyedCalls;
  readonly limit: PatienceLimit;
  /** What this process reads of replies where a route says `own`; absent: all. */
  readonly share?: Share;
}
