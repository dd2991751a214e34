// How clients show who they are, and the rules of who may do what, where there are any.
import type { Acls } from "./acl/acls.ts";
import type { Mechanism } from "./sasl/exchange.ts";
import type { Passwords } from "./sasl/plain.ts";
import type { ScramUsers } from "./sasl/scram-users.ts";

export interface Security {
  /** What clients may authenticate by; none where they need not. */
  readonly mechanisms: readonly Mechanism[];
  /** Of PLAIN. */
  readonly passwords: Passwords;
  readonly scram: ScramUsers;
  /** Absent: there are no rules, and everybody may do everything. */
  readonly acls?: Acls;
}
