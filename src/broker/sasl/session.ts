// What begins when a client has authenticated, and ends when it would have to do so again (KIP-368): on the same connection, by the same
// mechanism, as the same user.
import type { Clock } from "../../core/clock.ts";
import type { BrokerSettings } from "../configs/broker-settings.ts";
import type { Mechanism } from "./exchange.ts";

export interface Session {
  readonly mechanism: Mechanism;
  /** By the clock that never goes backwards; undefined: never. */
  readonly endsMs: number | undefined;
  /** When authentication was last begun again; undefined: it was not. */
  readonly renewalMs: number | undefined;
}

/** Between one renewal and the next there is so much time at least, as in Apache Kafka. */
export const RENEWAL_EVERY_MS_MIN = 1_000;

/** What of the broker sessions follow. */
interface Ground {
  readonly clock: Clock;
  readonly settings: BrokerSettings;
}

/** How long a session lasts; 0: for ever. */
export const sessionLifetimeMs = ({ settings }: Pick<Ground, "settings">): number => settings.number("connections.max.reauth.ms");

/** After the one before, if there was one. */
export const nextSession = (mechanism: Mechanism, before: Session | undefined, { clock, settings }: Ground): Session => {
  const lifetimeMs = sessionLifetimeMs({ settings });
  return { mechanism, endsMs: lifetimeMs > 0 ? clock.monotonicMs() + lifetimeMs : undefined, renewalMs: before?.renewalMs };
};

/** The session whose renewal has begun; undefined: it has no end, or was renewed just now. */
export const renewing = (session: Session | undefined, { clock }: Pick<Ground, "clock">): Session | undefined => {
  if (session?.endsMs === undefined) return undefined;
  const nowMs = clock.monotonicMs();
  if (session.renewalMs !== undefined && nowMs < session.renewalMs + RENEWAL_EVERY_MS_MIN) return undefined;
  return { ...session, renewalMs: nowMs };
};
