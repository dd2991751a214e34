// Starts a broker: the store, what it remembers, its parts, and last its listener; and ends it the other way round.
import { hostname } from "node:os";
import { systemClock } from "../core/clock.ts";
import { silentLog } from "../core/log.ts";
import type { Api } from "../kafka/wire/api/api.ts";
import { APIS } from "./apis.ts";
import type { Broker, Feature, Foundation } from "./broker.ts";
import { BrokerSettings } from "./configs/broker-settings.ts";
import { GroupSettings } from "./configs/group-settings.ts";
import { checkedBrokerValues, restoreSettings } from "./configs/restored.ts";
import { type Control, Controls, type Uncontrol } from "./controls.ts";
import { FetchSessions } from "./fetch/sessions.ts";
import type { Groups } from "./groups/groups.ts";
import { openGroups } from "./groups/open.ts";
import { Loggers } from "./loggers.ts";
import { Metadata } from "./metadata.ts";
import { listen } from "./network/server.ts";
import { openSecurity } from "./open-security.ts";
import { type BrokerOptions, checkOptions, givenSettings } from "./options.ts";
import { openShareSessions, openShares } from "./share/open.ts";
import type { ShareGroups } from "./share/share-groups.ts";
import { systemProcesses } from "./storage/lock.ts";
import { LogStore } from "./storage/log-store.ts";
import { memoryDisk } from "./storage/memory-disk.ts";
import { nodeDisk } from "./storage/node-disk.ts";
import { UPKEEP_TIMES, type UpkeepTimes } from "./storage/upkeep.ts";
import { Topics } from "./topics/topics.ts";
import { openTransactions } from "./transactions/open.ts";

const NODE_ID = 1;
const WILDCARDS: readonly string[] = ["0.0.0.0", "::", ""];
/** Of a broker without a folder: nobody sees it. */
const MEMORY_FOLDER = "memory";
const FEATURES: readonly Feature[] = [
  { name: "group.version", min: 0, max: 1, level: 1 },
  { name: "metadata.version", min: 7, max: 30, level: 30 },
  { name: "share.version", min: 0, max: 1, level: 1 },
  { name: "transaction.version", min: 0, max: 2, level: 2 },
];

/** A broker that runs. */
export interface RunningBroker {
  readonly host: string;
  readonly port: number;
  /** `host:port` as clients are told. */
  readonly bootstrap: string;
  /** Puts `control` before an API, one of `API`: it may delay, refuse, answer or watch each request. */
  control<Request, Response>(api: Api<Request, Response>, control: Control<Request, Response>): Uncontrol;
  /** Makes everything durable and ends every connection. */
  close(): Promise<void>;
}

const openStore = async (options: BrokerOptions, loggers: Loggers): Promise<LogStore> => {
  const { data, fsync = "always" } = options;
  const shared = { fsync, clock: systemClock, log: loggers.log("storage"), upkeep: upkeepOf(options) };
  if (data === undefined) return LogStore.open({ ...shared, disk: memoryDisk(), folder: MEMORY_FOLDER });
  return LogStore.open({ ...shared, disk: nodeDisk, folder: data, processes: await systemProcesses() });
};

/** How often logs are looked after; settings of the broker that are given at the start. Throws a BrokerError. */
const upkeepOf = (options: BrokerOptions): UpkeepTimes => {
  const settings = new BrokerSettings(checkedBrokerValues(givenSettings(options, NODE_ID)));
  return {
    ...UPKEEP_TIMES,
    retentionMs: settings.number("log.retention.check.interval.ms"),
    compactionMs: settings.number("log.cleaner.backoff.ms"),
    producerExpirationMs: settings.number("producer.id.expiration.ms"),
  };
};

/** The same for ever. */
const clusterIdOf = async (metadata: Metadata): Promise<string> => {
  const known = metadata.recall("cluster").get("id");
  if (typeof known === "string") return known;
  const id = Buffer.from(crypto.randomUUID().replaceAll("-", ""), "hex").toString("base64url");
  await metadata.remember({ section: "cluster", key: "id", fact: id });
  return id;
};

/** What all parts are made of. */
interface Ground {
  readonly store: LogStore;
  readonly loggers: Loggers;
}

const openFoundation = async ({ store, loggers }: Ground, options: BrokerOptions): Promise<Foundation> => {
  const [clock, log] = [systemClock, loggers.log("broker")];
  const metadata = await Metadata.open(store, () => clock.now());
  const settings = restoreSettings(givenSettings(options, NODE_ID), metadata);
  const groupSettings = new GroupSettings(metadata);
  const topics = await Topics.open({ store, metadata, settings, log: loggers.log("storage") });
  const clusterId = await clusterIdOf(metadata);
  return { clock, log, loggers, nodeId: NODE_ID, clusterId, settings, groupSettings, metadata, store, topics };
};

type Opened = Omit<Broker, "advertised">;

const openParts = async (ground: Ground, options: BrokerOptions): Promise<Opened> => {
  const foundation = await openFoundation(ground, options);
  const groups: Groups = await openGroups(foundation, (id) => shares.get(id) !== undefined);
  const shares: ShareGroups = await openShares(foundation, (id) => groups.has(id));
  return {
    ...foundation,
    controls: new Controls(),
    apis: APIS,
    features: FEATURES,
    createsAlways: options.autoCreate === "always",
    ...(await openSecurity(foundation.metadata, options)),
    fetchSessions: new FetchSessions(foundation.clock, () => foundation.settings.number("max.incremental.fetch.session.cache.slots")),
    groups,
    shares,
    shareSessions: openShareSessions(foundation, shares),
    transactions: await openTransactions(foundation, (group, { producerId }, commit) =>
      groups.completeTxnOffsets(group, { producerId, outcome: commit ? "commit" : "abort" }),
    ),
  };
};

/** The parts stop what they do by the clock, then everything is made durable. */
const closeParts = async ({ transactions, groups, shares, store }: Opened): Promise<void> => {
  transactions.coordinator.close();
  groups.close();
  shares.close();
  await store.close();
};

/** Rejects when the options, the folder or the address do not allow it. */
export const startBroker = async (options: BrokerOptions = {}): Promise<RunningBroker> => {
  checkOptions(options);
  const loggers = new Loggers(options.log ?? silentLog, options.logLevel ?? "debug");
  const store = await openStore(options, loggers);
  const opened = await openParts({ store, loggers }, options).catch(async (reason: unknown) => {
    await store.close();
    throw reason;
  });
  return serve(opened, options).catch(async (reason: unknown) => {
    await closeParts(opened);
    throw reason;
  });
};

const serve = async (opened: Opened, options: BrokerOptions): Promise<RunningBroker> => {
  let advertised = options.advertise;
  const broker: Broker = {
    ...opened,
    get advertised() {
      return advertised ?? { host: "", port: 0 };
    },
  };
  const { host = "127.0.0.1", port = 0, users = {}, tls } = options;
  const authenticate = Object.keys(users).length > 0;
  const listener = await listen(broker, APIS, { host, port, authenticate, log: opened.loggers.log("network"), ...(tls ? { tls } : {}) });
  // Nobody can come to all addresses at once.
  advertised ??= { host: WILDCARDS.includes(host) ? hostname() : host, port: listener.port };
  broker.transactions.coordinator.start();
  return {
    host,
    port: listener.port,
    bootstrap: `${advertised.host.includes(":") ? `[${advertised.host}]` : advertised.host}:${advertised.port}`,
    control: ({ key }, control) => broker.controls.add(key, control),
    close: async () => {
      await listener.close();
      await closeParts(opened);
    },
  };
};
