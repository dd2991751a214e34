// What the tls bindings are configured with.
import type { Place } from "../../config/place.ts";

export type Mutual = "required" | "requested" | "none";

/** Inclusive on both ends. */
export interface TlsPortRange {
  readonly from: number;
  readonly to: number;
}

/** One entry of `when`: what is given must all match. */
export interface TlsCondition {
  /** Literal text with `*`, against the SNI. */
  readonly authority?: string;
  /** Literal text with `*`. */
  readonly alpn?: string;
  /** None: any. */
  readonly ports: readonly TlsPortRange[];
  /** Server: whether the caller has shown a certificate that was verified. */
  readonly mutual?: "required" | "none";
  /** Server: aliases of the vault, one of which must stand in the caller's chain. */
  readonly trust?: readonly string[];
}

/** A client certificate chosen by its subject. */
export interface TlsSubject {
  readonly commonName?: string;
  readonly distinguishedName?: string;
}

export interface TlsRoute {
  /** As the file spells it. */
  readonly exit: string;
  /** Any of them may match; none: always. */
  readonly when: readonly TlsCondition[];
  /** Client: `with.certificate.subject`. */
  readonly certificate?: TlsSubject;
}

export interface TlsConfig {
  readonly namespace: string;
  readonly name: string;
  /** Of `options`, for what can only be found at start. */
  readonly place: Place;
  /** As the file spells it. */
  readonly vault?: string;
  /** `TLSv1.2`, `TLSv1.3`, `TLS`. */
  readonly version?: string;
  readonly keys?: readonly string[];
  readonly signers?: readonly string[];
  readonly trust?: readonly string[];
  readonly trustcacerts?: boolean;
  readonly sni?: readonly string[];
  readonly alpn?: readonly string[];
  /** The binding's own exit is the last of them. */
  readonly routes: readonly TlsRoute[];
}

export interface TlsServerConfig extends TlsConfig {
  readonly mutual?: Mutual;
}

export interface TlsClientConfig extends TlsConfig {}
