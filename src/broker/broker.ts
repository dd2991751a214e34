// The broker: one node of the Kafka protocol, with what its APIs share.
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Access } from "./access.ts";
import type { BrokerSettings } from "./configs/broker-settings.ts";
import type { GroupSettings } from "./configs/group-settings.ts";
import type { Controls } from "./controls.ts";
import type { Answered } from "./coverage.ts";
import type { FetchSessions } from "./fetch/sessions.ts";
import type { Groups } from "./groups/groups.ts";
import type { Loggers } from "./loggers.ts";
import type { Metadata } from "./metadata.ts";
import type { Security } from "./security.ts";
import type { ShareGroups } from "./share/share-groups.ts";
import type { ShareSessions } from "./share/share-sessions.ts";
import type { LogStore } from "./storage/log-store.ts";
import type { Topics } from "./topics/topics.ts";
import type { Transactions } from "./transactions/open.ts";

/** A feature level that clients look at. */
export interface Feature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** In force. */
  readonly level: number;
}

/** What the parts of the broker are built on. */
export interface Foundation {
  readonly clock: Clock;
  readonly log: Log;
  readonly loggers: Loggers;
  readonly nodeId: number;
  readonly clusterId: string;
  readonly settings: BrokerSettings;
  readonly groupSettings: GroupSettings;
  /** Small facts that are to be remembered. */
  readonly metadata: Metadata;
  /** For logs of a part's own: their names begin with `OWN_LOGS` of metadata.ts, or they are topics. */
  readonly store: LogStore;
  readonly topics: Topics;
}

/** What a file of an API may reach. */
export interface Broker extends Foundation {
  readonly controls: Controls;
  /** Every API, in the order of their numbers. */
  readonly apis: readonly Answered[];
  readonly features: readonly Feature[];
  /** Where clients are told to come. */
  readonly advertised: { readonly host: string; readonly port: number };
  readonly access: Access;
  readonly security: Security;
  /** Topics are made for clients too that ask for none to be made. */
  readonly createsAlways: boolean;
  readonly fetchSessions: FetchSessions;
  readonly groups: Groups;
  readonly shares: ShareGroups;
  readonly shareSessions: ShareSessions;
  readonly transactions: Transactions;
}
