// A connected client as the APIs see it.

export interface Client {
  /** Unique while the process lives. */
  readonly id: number;
  readonly host: string;
  readonly port: number;
  /** As told by ApiVersions; "" before it was. */
  software: { readonly name: string; readonly version: string };
  /** Who it is: `User:ANONYMOUS` until it has authenticated. */
  principal: string;
  /** Whether it may ask for more than authentication. */
  authenticated: boolean;
  /** State of a SASL exchange, owned by the SASL APIs. */
  sasl?: unknown;
  /** Called once when the connection has gone; at once when it has gone already. Returns how to forget it. */
  onClosed(call: () => void): () => void;
  /** Ends the connection after what is queued was written. */
  close(reason: string): void;
}

export const ANONYMOUS = "User:ANONYMOUS";
