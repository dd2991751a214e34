// What a broker is started with, and what of it is refused.
import { isIP } from "node:net";
import type { Level, Log } from "../core/log.ts";
import { checkTls, type TlsOptions } from "./network/tls.ts";
import type { Fsync } from "./storage/committer.ts";

export interface BrokerOptions {
  /** Where it listens; default 127.0.0.1. Anything but loopback wants `users`, or `insecure`. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Where clients are told to come; default: where it listens, or the machine's name where it listens on all addresses. */
  readonly advertise?: { readonly host: string; readonly port: number };
  /** The folder of its data, made when it is not there; absent: everything is kept in memory and gone in the end. */
  readonly data?: string;
  /** When acknowledged records last: `always` at once (default), or after at most so many milliseconds. */
  readonly fsync?: Fsync;
  /** Of topics that are made without saying how many; default 1. */
  readonly partitions?: number;
  /** Whether topics are made when they are first used; default true. `always`: for clients too that ask for none to be made. */
  readonly autoCreate?: boolean | "always";
  /** Passwords by user: with any, clients must authenticate (SASL PLAIN, SCRAM-SHA-256, SCRAM-SHA-512). */
  readonly users?: Readonly<Record<string, string>>;
  /** Absent: whoever is on the way can read what is said. With `clientCa` clients show who they are by a certificate. */
  readonly tls?: TlsOptions;
  /** Users, or subjects of certificates (`CN=admin,OU=sales`), that may do everything: with any, everybody else may do only what ACLs allow. */
  readonly superUsers?: readonly string[];
  /**
   * `allowed`: without super users too there are ACLs, and what none of them concerns everybody may do, as with Kafka's
   * allow.everyone.if.no.acl.found. Default `forbidden`.
   */
  readonly withoutAcl?: "allowed" | "forbidden";
  /** Listens beyond loopback without `users` all the same. */
  readonly insecure?: boolean;
  /** Further settings of the broker by Kafka's names, such as `log.retention.ms`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: says nothing. */
  readonly log?: Log;
  /** What it is told from; clients may change that (BROKER_LOGGER). Default: everything. */
  readonly logLevel?: Level;
}

/** The options contradict each other or the rules. */
export class OptionsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OptionsError";
  }
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** Throws an OptionsError. */
export const checkOptions = ({
  host = "127.0.0.1",
  port = 0,
  users = {},
  superUsers = [],
  insecure,
  partitions = 1,
  tls,
}: BrokerOptions): void => {
  const knowsClients = Object.keys(users).length > 0 || tls?.clientCa !== undefined;
  if (!isLoopback(host) && !knowsClients && !insecure)
    throw new OptionsError(
      `everybody who reaches ${host} could read and write everything: give the broker users (--user NAME:PASSWORD), or say --insecure`,
    );
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new OptionsError(`port ${port}: 0 to 65535 are allowed`);
  if (!Number.isInteger(partitions) || partitions < 1) throw new OptionsError(`${partitions} partitions: at least 1 is wanted`);
  if (superUsers.length > 0 && !knowsClients) throw new OptionsError("super users without users: nobody could authenticate as one");
  if (tls) checkKeys(tls);
};

const checkKeys = (tls: TlsOptions): void => {
  try {
    checkTls(tls);
  } catch (reason) {
    throw new OptionsError(`key and certificate for TLS: ${reason instanceof Error ? reason.message : String(reason)}`);
  }
};

/** The broker's settings that follow from the options. */
export const givenSettings = (options: BrokerOptions, nodeId: number): ReadonlyMap<string, string> => {
  const { partitions, autoCreate, data, users = {}, settings = {}, tls } = options;
  const given = new Map<string, string>([
    ["node.id", String(nodeId)],
    ["broker.id", String(nodeId)],
    ["process.roles", "broker,controller"],
    ["offsets.topic.num.partitions", "1"], // They stand for what is kept elsewhere.
    ["offsets.topic.replication.factor", "1"],
    ["transaction.state.log.num.partitions", "1"],
    ["transaction.state.log.replication.factor", "1"],
  ]);
  if (partitions !== undefined) given.set("num.partitions", String(partitions));
  if (autoCreate !== undefined) given.set("auto.create.topics.enable", String(autoCreate !== false));
  if (data !== undefined) given.set("log.dirs", data);
  if (tls?.clientCa !== undefined) given.set("ssl.client.auth", "required");
  if (Object.keys(users).length > 0) given.set("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512");
  for (const [name, value] of Object.entries(settings)) given.set(name, value);
  return given;
};
