// Which tls route takes a connection.
import { patternOf } from "../../config/pattern.ts";
import type { TlsCondition } from "./config.ts";

/** What conditions look at. */
export interface Spoken {
  /** The server name: asked for by a client, or where we connect to. */
  readonly authority: string;
  /** What was agreed or is asked for; "" for nothing. */
  readonly alpn: readonly string[];
  readonly port: number;
  /** Server: a certificate of the caller that was verified. */
  readonly verified: boolean;
  /** Server: whether the caller's chain has one of those aliases. */
  issuedBy(aliases: readonly string[]): boolean;
}

export type SpokenMatcher = (spoken: Spoken) => boolean;

/** Any of the conditions; none take everything. */
export const spokenMatcher = (when: readonly TlsCondition[]): SpokenMatcher => {
  const conditions = when.map(conditionMatcher);
  return (spoken) => conditions.length === 0 || conditions.some((matches) => matches(spoken));
};

const conditionMatcher = ({ authority, alpn, ports, mutual, trust }: TlsCondition): SpokenMatcher => {
  const named = authority === undefined ? undefined : patternOf(authority.toLowerCase());
  const agreed = alpn === undefined ? undefined : patternOf(alpn);
  return (spoken) =>
    (named === undefined || named.matches(spoken.authority.toLowerCase())) &&
    (agreed === undefined || spoken.alpn.some((protocol) => protocol !== "" && agreed.matches(protocol))) &&
    (ports.length === 0 || ports.some(({ from, to }) => from <= spoken.port && spoken.port <= to)) &&
    (mutual === undefined || (mutual === "required") === spoken.verified) &&
    (trust === undefined || (spoken.verified && spoken.issuedBy(trust)));
};

/** The conditions without what is not known yet while a handshake chooses its protocol. */
export const beforeHandshake = (when: readonly TlsCondition[]): readonly TlsCondition[] =>
  when.map(({ authority, alpn }) => ({ ports: [], ...(authority !== undefined && { authority }), ...(alpn !== undefined && { alpn }) }));
