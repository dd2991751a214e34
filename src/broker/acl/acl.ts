// One access rule, and the filters by which rules are listed and deleted.
import type {
  Operation,
  OperationWord,
  PatternType,
  PatternTypeWord,
  Permission,
  PermissionWord,
  ResourceType,
  ResourceTypeWord,
} from "./codes.ts";

/** As the name of a literal pattern it stands for every name; as a host for every host. */
export const WILDCARD = "*";
/** Everybody, known or not. */
export const EVERYBODY = "User:*";
/** The only resource of its kind. */
export const CLUSTER_NAME = "kafka-cluster";

export interface Acl {
  readonly resourceType: ResourceType;
  readonly resourceName: string;
  readonly patternType: PatternType;
  /** `User:alice` */
  readonly principal: string;
  readonly host: string;
  readonly operation: Operation;
  readonly permission: Permission;
}

/** Null and `any` take everything. `match` takes each rule that would concern a resource of that name. */
export interface AclFilter {
  readonly resourceType: ResourceTypeWord;
  readonly resourceName: string | null;
  readonly patternType: PatternTypeWord;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: OperationWord;
  readonly permission: PermissionWord;
}

/** The same for the same rule. */
export const aclKey = (acl: Acl): string =>
  JSON.stringify([acl.resourceType, acl.resourceName, acl.patternType, acl.principal, acl.host, acl.operation, acl.permission]);

export const isUnknown = ({ resourceType, patternType, operation, permission }: AclFilter): boolean =>
  [resourceType, patternType, operation, permission].includes("unknown");

/** Whether a rule with that pattern concerns a resource of that name. */
export const concerns = ({ patternType, resourceName }: Pick<Acl, "patternType" | "resourceName">, name: string): boolean =>
  patternType === "prefixed" ? name.startsWith(resourceName) : resourceName === name || resourceName === WILDCARD;

export const isFound = (acl: Acl, by: AclFilter): boolean =>
  (by.resourceType === "any" || by.resourceType === acl.resourceType) &&
  hasPattern(acl, by) &&
  (by.principal ?? acl.principal) === acl.principal &&
  (by.host ?? acl.host) === acl.host &&
  (by.operation === "any" || by.operation === acl.operation) &&
  (by.permission === "any" || by.permission === acl.permission);

const hasPattern = (acl: Acl, { resourceName, patternType }: AclFilter): boolean => {
  if (patternType !== "any" && patternType !== "match" && patternType !== acl.patternType) return false;
  if (resourceName === null) return true;
  return patternType === "match" ? concerns(acl, resourceName) : resourceName === acl.resourceName;
};
