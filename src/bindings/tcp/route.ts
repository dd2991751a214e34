// Which tcp route takes a connection: by port, network and name.
import { BlockList, isIP } from "node:net";
import { patternOf } from "../../config/pattern.ts";
import type { TcpCondition } from "./config.ts";

/** One end of a connection, as conditions look at it. */
export interface End {
  /** IP addresses; the local one of an accepted connection, those a name stands for when connecting. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** What `authority` is compared with; the addresses are compared as well. */
  readonly names: readonly string[];
}

/** Whether any of the conditions takes that end; no conditions take everything. */
export type EndMatcher = (end: End) => boolean;

export const endMatcher = (when: readonly TcpCondition[]): EndMatcher => {
  const conditions = when.map(conditionMatcher);
  return (end) => conditions.length === 0 || conditions.some((matches) => matches(end));
};

const conditionMatcher = ({ ports, cidr, authority }: TcpCondition): EndMatcher => {
  const inNetwork = cidr === undefined ? undefined : networkMatcher(cidr);
  const pattern = authority === undefined ? undefined : patternOf(authority.toLowerCase());
  return ({ addresses, port, names }) =>
    (ports.length === 0 || ports.some(({ from, to }) => from <= port && port <= to)) &&
    (inNetwork === undefined || addresses.some(inNetwork)) &&
    (pattern === undefined ||
      names.some((name) => pattern.matches(name.toLowerCase())) ||
      addresses.some((address) => pattern.matches(plain(address))));
};

/** Whether an address lies in `address/length`; an IPv4 address written inside IPv6 counts as the IPv4 one. */
export const networkMatcher = (cidr: string): ((address: string) => boolean) => {
  const [network = "", length = ""] = cidr.split("/");
  const list = new BlockList();
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  list.addSubnet(network, length === "" ? (family === "ipv6" ? 128 : 32) : Number(length), family);
  return (address) => {
    const bare = plain(address);
    const version = isIP(bare);
    return version !== 0 && list.check(bare, version === 6 ? "ipv6" : "ipv4");
  };
};

/** Whether every address lies in it: then a name needs no look-up. */
export const isEverything = (cidr: string): boolean => /\/0+$/.test(cidr);

/** `127.0.0.1` for `::ffff:127.0.0.1`; a zone is cut off. */
export const plain = (address: string): string => {
  const bare = address.split("%", 1)[0]!;
  return bare.startsWith("::ffff:") && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
};
