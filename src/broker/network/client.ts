// A connected client as the APIs see it, and what they are told of a request beside its body.
import type { Exchange } from "../sasl/exchange.ts";
import type { Session } from "../sasl/session.ts";

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
  /** Its conversation with the SASL APIs, as long as that goes on. */
  sasl: Exchange | undefined;
  /** Since it has authenticated by SASL. */
  session: Session | undefined;
  /** Answers frames that have no header, as SASL messages are after the oldest handshake; undefined: frames have headers. */
  bare: ((frame: Uint8Array) => Promise<Uint8Array>) | undefined;
  /** Called once when the connection has gone or is about to be closed; at once when that was so already. Returns how to forget it. */
  onClosed(call: () => void): () => void;
  /** Ends the connection after what is in hand was answered. */
  close(reason: string): void;
}

/** Who asks, and how. */
export interface Asked {
  readonly version: number;
  /** As the client calls itself; "" for none. */
  readonly clientId: string;
  readonly client: Client;
}

export const ANONYMOUS = "User:ANONYMOUS";
