// What the tcp bindings are configured with.
import type { Place } from "../../config/place.ts";

/** Inclusive on both ends; a single port is `from === to`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** One entry of `when`: what is given must all match; no ports means any. */
export interface TcpCondition {
  readonly ports: readonly PortRange[];
  /** `address/length`. */
  readonly cidr?: string;
  /** Literal text with `*`. */
  readonly authority?: string;
}

export interface TcpServerRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: always. */
  readonly when: readonly TcpCondition[];
}

export interface TcpServerConfig {
  readonly namespace: string;
  readonly name: string;
  /** Of `options`, for what can only be found at start. */
  readonly place: Place;
  readonly host: string;
  readonly ports: readonly PortRange[];
  /** The binding's own exit is the last of them. */
  readonly routes: readonly TcpServerRoute[];
}

export interface TcpClientConfig {
  readonly namespace: string;
  readonly name: string;
  readonly place: Place;
  /** A fixed destination, for streams that carry none and, without routes, for all. */
  readonly host?: string;
  /** The first port of the list. */
  readonly port?: number;
  /** What a stream's own destination must match, any of them. Absent: no routes are given. */
  readonly when?: readonly TcpCondition[];
}
