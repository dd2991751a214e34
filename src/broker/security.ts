// How clients show who they are, and the rules of who may do what, where there are any.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Access, OPEN_ACCESS } from "./access.ts";
import { Acls, type Memory } from "./acl/acls.ts";
import { Authorizer, type AuthorizerOptions, accessBy } from "./acl/authorizer.ts";
import type { Mechanism, ScramMechanism } from "./sasl/exchange.ts";
import type { Passwords } from "./sasl/plain.ts";
import { credentialOf, ITERATIONS_MIN, SCRAM_MECHANISMS, saltedPassword } from "./sasl/scram-keys.ts";
import { type ScramChange, ScramUsers } from "./sasl/scram-users.ts";

export interface Security {
  /** What clients may authenticate by; none where they need not. */
  readonly mechanisms: readonly Mechanism[];
  /** Of PLAIN. */
  readonly passwords: Passwords;
  readonly scram: ScramUsers;
  /** Absent: there are no rules, and everybody may do everything. */
  readonly acls?: Acls;
}

export interface SecurityOptions {
  /** None: clients need not authenticate. */
  readonly mechanisms: readonly Mechanism[];
  /** Passwords by user, for every mechanism that is offered; SCRAM users that clients have made are kept beside them. */
  readonly users: Passwords;
  /** Absent: everybody may do everything. */
  readonly rules?: AuthorizerOptions;
}

const SALT_BYTES = 20;

/** With what is remembered. Rejects with a BrokerError when that cannot be read or what is new cannot be kept. */
export const openSecurity = async (
  memory: Memory,
  { mechanisms, users, rules }: SecurityOptions,
): Promise<{ readonly security: Security; readonly access: Access }> => {
  const scram = new ScramUsers(memory);
  const offered = SCRAM_MECHANISMS.filter((mechanism) => mechanisms.includes(mechanism));
  await scram.change(() => offered.flatMap((mechanism) => [...users].flatMap((user) => configured(mechanism, user, scram))));
  const acls = new Acls(memory);
  if (rules === undefined) return { security: { mechanisms, passwords: users, scram }, access: OPEN_ACCESS };
  return { security: { mechanisms, passwords: users, scram, acls }, access: accessBy(new Authorizer(acls.index, rules)) };
};

/** The credential of a user that was given with a password; none when it is kept already. */
const configured = (mechanism: ScramMechanism, [user, password]: readonly [string, string], users: ScramUsers): readonly ScramChange[] => {
  const kept = users.find(mechanism, user);
  const salted = kept ?? { salt: randomBytes(SALT_BYTES), iterations: ITERATIONS_MIN };
  const credential = credentialOf(mechanism, saltedPassword(mechanism, password, salted), salted);
  return kept && timingSafeEqual(kept.storedKey, credential.storedKey) ? [] : [{ user, mechanism, credential }];
};
