// What every SASL mechanism is to the broker: a conversation with one client, of which each message gives the next step.

export const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
export type Mechanism = (typeof MECHANISMS)[number];
export type ScramMechanism = Exclude<Mechanism, "PLAIN">;

export type Step =
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  | { readonly kind: "accepted"; readonly user: string; readonly bytes: Uint8Array }
  /** `reason` is for the log; `told` for the client, absent: it is only told that its credentials are not valid. */
  | { readonly kind: "refused"; readonly reason: string; readonly told?: string };

export interface Exchange {
  readonly mechanism: Mechanism;
  /** Nothing is said any more after `accepted` or `refused`. */
  next(message: Uint8Array): Step;
}

/** No mechanism has messages that are longer. */
export const MESSAGE_BYTES_MAX = 65_536;

export const refused = (reason: string, told?: string): Step => ({ kind: "refused", reason, ...(told === undefined ? {} : { told }) });
