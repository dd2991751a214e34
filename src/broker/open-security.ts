// What the options say of who may come in and who may do what, with what clients have said of it since.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Access, OPEN_ACCESS } from "./access.ts";
import { Acls, type Memory } from "./acl/acls.ts";
import { Authorizer, accessBy } from "./acl/authorizer.ts";
import type { BrokerOptions } from "./options.ts";
import { MECHANISMS, type ScramMechanism } from "./sasl/exchange.ts";
import { credentialOf, ITERATIONS_MIN, SCRAM_MECHANISMS, saltedPassword } from "./sasl/scram-keys.ts";
import { type ScramChange, ScramUsers } from "./sasl/scram-users.ts";
import type { Security } from "./security.ts";

/** Who may come in, and who may do what. */
export interface Opened {
  readonly security: Security;
  readonly access: Access;
}

const SALT_BYTES = 20;

/** Users with a password may use each mechanism; of SCRAM there may be more, which clients have made. Rejects when it cannot be kept. */
export const openSecurity = async (memory: Memory, options: BrokerOptions): Promise<Opened> => {
  const { users = {}, superUsers = [], withoutAcl = "forbidden" } = options;
  const passwords = new Map(Object.entries(users));
  const scram = new ScramUsers(memory);
  await scram.change(() => SCRAM_MECHANISMS.flatMap((mechanism) => [...passwords].flatMap((user) => configured(mechanism, user, scram))));
  const base: Security = { mechanisms: passwords.size > 0 ? MECHANISMS : [], passwords, scram };
  if (superUsers.length === 0 && withoutAcl === "forbidden") return { security: base, access: OPEN_ACCESS };
  const acls = new Acls(memory);
  const principals = new Set(superUsers.map((user) => `User:${user}`));
  const access = accessBy(new Authorizer(acls.index, { superUsers: principals, allowEveryoneIfNoAclFound: withoutAcl === "allowed" }));
  return { security: { ...base, acls }, access };
};

/** The credential of a user that was given with a password; none when it is kept already. */
const configured = (mechanism: ScramMechanism, [user, password]: readonly [string, string], users: ScramUsers): readonly ScramChange[] => {
  const kept = users.find(mechanism, user);
  const salted = kept ?? { salt: randomBytes(SALT_BYTES), iterations: ITERATIONS_MIN };
  const credential = credentialOf(mechanism, saltedPassword(mechanism, password, salted), salted);
  return kept && timingSafeEqual(kept.storedKey, credential.storedKey) ? [] : [{ user, mechanism, credential }];
};
