// The broker: one node of the Kafka protocol, with what its APIs share.
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Feature } from "./18-api-versions.ts";
import type { Handler } from "./api.ts";
import type { Controls } from "./controls.ts";

/** What a file of an API may reach. */
export interface Broker {
  readonly clock: Clock;
  readonly log: Log;
  readonly controls: Controls;
  /** Of every API, in the order of their numbers. */
  readonly handlers: readonly Handler[];
  readonly features: readonly Feature[];
  readonly nodeId: number;
  readonly clusterId: string;
  /** Where clients are told to come. */
  readonly advertised: { readonly host: string; readonly port: number };
}
