// One thing that has settings, whatever it is.
import type { Altered } from "./alteration.ts";
import type { Values } from "./broker-settings.ts";
import type { DescribedConfig, DescribeOptions } from "./described.ts";

/** Settings that are described, changed and kept. */
export interface ConfigResource extends Altered {
  describe(options: DescribeOptions): readonly DescribedConfig[];
  /** Values as they are kept. Throws a BrokerError when it may not have them. */
  check(values: Values): Values;
  /** Durable, and in force when answered. */
  apply(values: Values): Promise<void>;
}

/** What is to be done with it. */
export type Purpose = "describeConfigs" | "alterConfigs";
