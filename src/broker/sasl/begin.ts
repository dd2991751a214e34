// Begins the conversation of the mechanism that a client has chosen.
import type { Security } from "../security.ts";
import { type Exchange, MECHANISMS, type Mechanism } from "./exchange.ts";
import { plainExchange } from "./plain.ts";
import { scramExchange } from "./scram.ts";

/** Undefined where the mechanism is not offered. */
export const begin = (name: string, { mechanisms, passwords, scram }: Security): Exchange | undefined => {
  const mechanism = MECHANISMS.find((one) => one === name && mechanisms.includes(one));
  return mechanism && exchangeOf(mechanism, { passwords, scram });
};

const exchangeOf = (mechanism: Mechanism, { passwords, scram }: Pick<Security, "passwords" | "scram">): Exchange =>
  mechanism === "PLAIN" ? plainExchange(passwords) : scramExchange(mechanism, { find: (user) => scram.find(mechanism, user) });
