// Decides whether somebody may do something, as Apache Kafka's StandardAuthorizer does: a rule that denies is stronger than all that
// allow, and where no rule concerns the resource, a setting decides.
import type { Access } from "../access.ts";
import { type Acl, EVERYBODY, WILDCARD } from "./acl.ts";
import type { AclIndex } from "./acl-index.ts";
import type { Operation, ResourceType } from "./codes.ts";

export interface Who {
  /** `User:alice` */
  readonly principal: string;
  /** As `hostOf` spells it. */
  readonly host: string;
}

export interface What {
  readonly operation: Operation;
  readonly resourceType: ResourceType;
  readonly resourceName: string;
}

export interface AuthorizerOptions {
  /** Principals that may do everything. */
  readonly superUsers: ReadonlySet<string>;
  /** `allow.everyone.if.no.acl.found`: what no rule concerns, everybody may do. */
  readonly allowEveryoneIfNoAclFound: boolean;
}

/** Who may do the one may do the other too. */
const IMPLIED_BY: Readonly<Partial<Record<Operation, readonly Operation[]>>> = {
  describe: ["describe", "read", "write", "delete", "alter"],
  describeConfigs: ["describeConfigs", "alterConfigs"],
};
/** A name that nobody gives a resource: what is allowed of it is allowed of all. */
const ANY_NAME = "hardcode";

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const IPV6_GROUPS = 8;

/** An address as rules spell it, which is how Java does: IPv4 as such, IPv6 with all its groups. */
export const hostOf = (address: string): string => {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [front = "", back] = address.toLowerCase().split("::");
  const head = front === "" ? [] : front.split(":");
  const tail = back === undefined || back === "" ? [] : back.split(":");
  const zeros = back === undefined ? 0 : Math.max(0, IPV6_GROUPS - head.length - tail.length);
  return [...head, ...new Array<string>(zeros).fill("0"), ...tail].join(":");
};

const isOf = (acl: Acl, { principal, host }: Who): boolean =>
  (acl.principal === principal || acl.principal === EVERYBODY) && (acl.host === host || acl.host === WILDCARD);

const covers = (acl: Acl, operation: Operation): boolean => {
  if (acl.operation === "all" || acl.operation === operation) return true;
  return acl.permission === "allow" && (IMPLIED_BY[operation]?.includes(acl.operation) ?? false);
};

export class Authorizer {
  readonly #acls: AclIndex;
  readonly #options: AuthorizerOptions;

  constructor(acls: AclIndex, options: AuthorizerOptions) {
    this.#acls = acls;
    this.#options = options;
  }

  isAllowed(who: Who, { operation, resourceType, resourceName }: What): boolean {
    if (this.#options.superUsers.has(who.principal)) return true;
    let concerned = false;
    let allowed = false;
    for (const acl of this.#acls.concerning(resourceType, resourceName)) {
      concerned = true;
      if (!isOf(acl, who) || !covers(acl, operation)) continue;
      if (acl.permission === "deny") return false;
      allowed = true;
    }
    return allowed || (!concerned && this.#options.allowEveryoneIfNoAclFound);
  }

  /** Whether there may be a resource of that kind of which it is allowed. Implied operations do not count here. */
  isAllowedSomewhere(who: Who, operation: Operation, resourceType: ResourceType): boolean {
    if (this.isAllowed(who, { operation, resourceType, resourceName: ANY_NAME })) return true;
    const rules = [...this.#acls.ofType(resourceType)].filter(
      (acl) => isOf(acl, who) && (acl.operation === operation || acl.operation === "all"),
    );
    const denied = rules.filter(({ permission }) => permission === "deny");
    if (denied.some(isOfAll)) return false;
    return rules.some((acl) => acl.permission === "allow" && (isOfAll(acl) || !denied.some((other) => overrules(other, acl))));
  }
}

const isOfAll = ({ patternType, resourceName }: Acl): boolean => patternType === "literal" && resourceName === WILDCARD;

/** Nothing is left of what the other allows. */
const overrules = (denied: Acl, allowed: Acl): boolean =>
  denied.patternType === "prefixed"
    ? allowed.resourceName.startsWith(denied.resourceName)
    : allowed.patternType === "literal" && allowed.resourceName === denied.resourceName;

/** The same questions as the APIs ask them. */
export const accessBy = (authorizer: Authorizer): Access => ({
  allows: (client, operation, { type, name }) => authorizer.isAllowed(whoOf(client), { operation, resourceType: type, resourceName: name }),
  allowsSomewhere: (client, operation, type) => authorizer.isAllowedSomewhere(whoOf(client), operation, type),
});

const whoOf = ({ principal, host }: Who): Who => ({ principal, host: hostOf(host) });
