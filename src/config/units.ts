// Texts of the file that stand for numbers: times, sizes, ports, addresses, hosts. The schema has seen their shape; what it cannot
// see is said here.
import { isIP } from "node:net";
import type { Value } from "./node.ts";

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `30s` is 30000. Past what a timer takes (24 days) it is refused. */
export const durationMs = (value: Value, fallbackMs: number): number => {
  const match = /^(\d+)(ms|s|m|h)$/.exec(value.string() ?? "");
  if (!match) return fallbackMs;
  const ms = Number(match[1]) * MILLISECONDS[match[2]!]!;
  if (ms <= 0x7fffffff) return ms;
  value.refuse(`found '${value.string()}', but at most 24 days are possible`);
  return fallbackMs;
};

const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `4MiB` is 4194304; a number counts bytes. */
export const sizeBytes = (value: Value, fallbackBytes: number): number => {
  const plain = value.number();
  const match = /^(\d+)(B|KiB|MiB|GiB)$/.exec(value.string() ?? "");
  if (plain === undefined && !match) return fallbackBytes;
  const bytes = plain ?? Number(match?.[1]) * (BYTES[match?.[2] ?? ""] ?? 1);
  if (bytes >= 1 && bytes <= 2 ** 31) return bytes;
  value.refuse(`found '${plain ?? value.string()}', but between 1B and 2GiB are possible`);
  return fallbackBytes;
};

/** Both ends belong to it. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

const portRange = (value: Value): PortRange => {
  const number = value.number();
  if (number !== undefined) return { from: number, to: number };
  const [first, last] = (value.string() ?? "").split("-").map(Number);
  const range = { from: first ?? 0, to: last ?? first ?? 0 };
  if (range.to > 65535 || range.from > range.to) value.refuse(`found '${value.string()}', but ports go up from 0 to 65535`);
  return range;
};

/** A port, a range `a-b`, or a list of these. */
export const portRanges = (value: Value): readonly PortRange[] => {
  if (!value.present) return [];
  const items = value.items();
  return items.length > 0 ? items.map(portRange) : [portRange(value)];
};

/** Every port of the ranges once, in their order. */
export const portsOf = (ranges: readonly PortRange[]): readonly number[] => {
  const ports = new Set<number>();
  for (const { from, to } of ranges) for (let port = from; port <= Math.min(to, 65535); port++) ports.add(port);
  return [...ports];
};

/** A block of addresses. */
export interface Cidr {
  /** As the file spells it, with its length. */
  readonly text: string;
  readonly address: string;
  readonly prefixBits: number;
  readonly family: "ipv4" | "ipv6";
}

/** `10.0.0.0/8` or `::/0`. */
export const cidrOf = (value: Value): Cidr | undefined => {
  const written = value.string();
  if (written === undefined) return undefined;
  const [address = "", bits = "", ...rest] = written.split("/");
  const version = isIP(address);
  const prefixBits = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || rest.length > 0 || !(prefixBits <= (version === 4 ? 32 : 128))) {
    value.refuse(`found '${written}', but a block of addresses such as '10.0.0.0/8' or '::/0' is needed`);
    return undefined;
  }
  return { text: written, address, prefixBits, family: version === 4 ? "ipv4" : "ipv6" };
};

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, where an IPv6 address stands in brackets. */
export const hostPortOf = (value: Value): HostPort | undefined => {
  const written = value.string() ?? "";
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(written);
  const port = Number(match?.[3]);
  if (!match || port < 1 || port > 65535) {
    value.refuse(`found '${written}', but 'host:port' is needed`);
    return undefined;
  }
  return { host: match[1] ?? match[2]!, port };
};
