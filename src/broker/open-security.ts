// What the options say of who may come in and who may do what.
import { type Access, OPEN_ACCESS } from "./access.ts";
import { Acls } from "./acl/acls.ts";
import { Authorizer, accessBy } from "./acl/authorizer.ts";
import type { Metadata } from "./metadata.ts";
import type { BrokerOptions } from "./options.ts";
import { MECHANISMS } from "./sasl/exchange.ts";
import { ScramUsers } from "./sasl/scram-users.ts";
import type { Security } from "./security.ts";

/** Who may come in, and who may do what. */
export interface Opened {
  readonly security: Security;
  readonly access: Access;
}

export const openSecurity = (metadata: Metadata, { users = {}, superUsers = [] }: BrokerOptions): Opened => {
  const passwords = new Map(Object.entries(users));
  const base: Security = { mechanisms: passwords.size > 0 ? MECHANISMS : [], passwords, scram: new ScramUsers(metadata) };
  if (superUsers.length === 0) return { security: base, access: OPEN_ACCESS };
  const acls = new Acls(metadata);
  const principals = new Set(superUsers.map((user) => `User:${user}`));
  const access = accessBy(new Authorizer(acls.index, { superUsers: principals, allowEveryoneIfNoAclFound: false }));
  return { security: { ...base, acls }, access };
};
