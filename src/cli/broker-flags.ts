// The flags of the broker, and what they say.
import { readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { BrokerOptions } from "../broker/options.ts";
import { type Flag, flagOf, flagsOf, type Given, type Io, UsageError } from "./command.ts";

/** Where data lies unless told otherwise. */
export const DATA = ".zilla/broker";
export const PORT = 9092;

/** Of what it keeps and how. */
export const DATA_FLAGS: readonly Flag[] = [
  { long: "data", value: "DIR", help: `the folder of its data (default ${DATA})` },
  { long: "memory", help: "keep everything in memory: all is gone when it ends" },
  { long: "partitions", value: "N", help: "partitions of topics that are made without saying how many (default 1)" },
  {
    long: "fsync",
    value: "MODE",
    help: "always (default): what is acknowledged lasts; interval=MS: a power cut loses the last MS milliseconds",
  },
  { long: "setting", value: "NAME=VALUE", repeated: true, help: "a broker's setting by Kafka's name, such as log.retention.ms=60000" },
];

/** Of who reaches it. */
export const REACH_FLAGS: readonly Flag[] = [
  { long: "host", value: "HOST", help: "where it listens (default 127.0.0.1); beyond loopback with --user or --insecure only" },
  { long: "port", value: "PORT", help: `default ${PORT}; 0 takes a free one` },
  { long: "advertise", value: "HOST:PORT", help: "where clients are told to come (default where it listens)" },
  { long: "user", value: "NAME:PASSWORD", repeated: true, help: "clients must authenticate (SASL PLAIN or SCRAM); this one may" },
  { long: "super-user", value: "NAME", repeated: true, help: "may do everything; with one, all others only what ACLs allow" },
  { long: "acls", help: "heed ACLs; what none of them concerns, everybody may do (Kafka's allow.everyone.if.no.acl.found)" },
  { long: "insecure", help: "let everybody who reaches it read and write everything" },
  { long: "no-auto-create", help: "do not make topics when they are first used" },
];

/** Of TLS. */
export const TLS_FLAGS: readonly Flag[] = [
  { long: "tls-cert", value: "FILE", help: "speak TLS with this certificate (PEM, with those between it and its authority behind it)" },
  { long: "tls-key", value: "FILE", help: "the key of the certificate (PEM)" },
  {
    long: "tls-client-ca",
    value: "FILE",
    help: "clients must show a certificate by one of these authorities (PEM); without --user its subject is who they are",
  },
];

const numberOf = (given: Given, long: string, otherwise: number): number => {
  const text = flagOf(given, long);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`found --${long} ${text}, a number is wanted`);
  return Number(text);
};

const fsyncOf = (given: Given): NonNullable<BrokerOptions["fsync"]> => {
  const text = flagOf(given, "fsync") ?? "always";
  if (text === "always") return "always";
  const milliseconds = /^interval=(\d{1,9})$/.exec(text)?.[1];
  if (milliseconds === undefined) throw new UsageError(`found --fsync ${text}, allowed: always, interval=MS`);
  return { intervalMs: Number(milliseconds) };
};

/** `name<between>value` of each; the value may hold the separator too. */
const pairsOf = (given: Given, long: string, between: string): Record<string, string> =>
  Object.fromEntries(
    flagsOf(given, long).map((text) => {
      const at = text.indexOf(between);
      if (at < 1) throw new UsageError(`found --${long} ${text}, NAME${between}VALUE is wanted`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );

const advertised = (text: string): { readonly host: string; readonly port: number } => {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new UsageError(`found --advertise ${text}, HOST:PORT is wanted`);
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
};

const dataOf = (given: Given, { directory }: Io): string | undefined => {
  const data = flagOf(given, "data");
  if (flagOf(given, "memory") === undefined) return isAbsolute(data ?? DATA) ? data : join(directory, data ?? DATA);
  if (data !== undefined) throw new UsageError("--data and --memory exclude each other");
  return undefined;
};

/** What DATA_FLAGS say. Throws a UsageError. */
export const dataOptions = (given: Given, io: Io): BrokerOptions => {
  const data = dataOf(given, io);
  return {
    ...(data === undefined ? {} : { data }),
    partitions: numberOf(given, "partitions", 1),
    fsync: fsyncOf(given),
    settings: pairsOf(given, "setting", "="),
  };
};

/** What REACH_FLAGS say. Throws a UsageError. */
export const reachOptions = (given: Given): BrokerOptions => {
  const advertise = flagOf(given, "advertise");
  return {
    host: flagOf(given, "host") ?? "127.0.0.1",
    port: numberOf(given, "port", PORT),
    ...(advertise === undefined ? {} : { advertise: advertised(advertise) }),
    users: pairsOf(given, "user", ":"),
    superUsers: flagsOf(given, "super-user"),
    ...(flagOf(given, "acls") === undefined ? {} : { withoutAcl: "allowed" as const }),
    insecure: flagOf(given, "insecure") !== undefined,
    autoCreate: flagOf(given, "no-auto-create") === undefined,
  };
};

/** What TLS_FLAGS say, with what the files hold. Throws a UsageError. */
export const tlsOptions = (given: Given, { directory }: Io): BrokerOptions => {
  const read = (long: string): Uint8Array | undefined => {
    const file = flagOf(given, long);
    if (file === undefined) return undefined;
    try {
      return readFileSync(resolve(directory, file));
    } catch (reason) {
      throw new UsageError(`--${long}: ${reason instanceof Error ? reason.message : String(reason)}`);
    }
  };
  const [certificate, key, clientCa] = [read("tls-cert"), read("tls-key"), read("tls-client-ca")];
  if (certificate && key) return { tls: { certificate, key, ...(clientCa ? { clientCa } : {}) } };
  if (certificate || key || clientCa) throw new UsageError("TLS wants both --tls-cert and --tls-key");
  return {};
};

/** What is to be known of what it keeps, for a log line. */
export const keptText = ({ data, fsync = "always" }: BrokerOptions): string => {
  if (data === undefined) return "in memory: gone when the broker ends";
  return fsync === "always" ? data : `${data}: a power cut loses what was acknowledged in the last ${fsync.intervalMs} ms`;
};
