// The words of access rules, and their numbers on the wire: each word stands at its number.

const RESOURCE_TYPES = ["unknown", "any", "topic", "group", "cluster", "transactionalId", "delegationToken", "user"] as const;
const PATTERN_TYPES = ["unknown", "any", "match", "literal", "prefixed"] as const;
const OPERATIONS = [
  "unknown",
  "any",
  "all",
  "read",
  "write",
  "create",
  "delete",
  "alter",
  "describe",
  "clusterAction",
  "describeConfigs",
  "alterConfigs",
  "idempotentWrite",
  "createTokens",
  "describeTokens",
  "twoPhaseCommit",
] as const;
const PERMISSIONS = ["unknown", "any", "deny", "allow"] as const;

/** With the words that only filters may use. */
export type ResourceTypeWord = (typeof RESOURCE_TYPES)[number];
export type PatternTypeWord = (typeof PATTERN_TYPES)[number];
export type OperationWord = (typeof OPERATIONS)[number];
export type PermissionWord = (typeof PERMISSIONS)[number];

/** What a rule may say. */
export type ResourceType = Exclude<ResourceTypeWord, "unknown" | "any">;
export type PatternType = Extract<PatternTypeWord, "literal" | "prefixed">;
export type Operation = Exclude<OperationWord, "unknown" | "any">;
export type Permission = Extract<PermissionWord, "deny" | "allow">;

const wordIn =
  <Word extends string>(words: readonly (Word | "unknown")[]) =>
  (code: number): Word | "unknown" =>
    words[code] ?? "unknown";

/** `unknown` for a number that has no word. */
export const resourceTypeOf = wordIn<ResourceTypeWord>(RESOURCE_TYPES);
export const patternTypeOf = wordIn<PatternTypeWord>(PATTERN_TYPES);
export const operationOf = wordIn<OperationWord>(OPERATIONS);
export const permissionOf = wordIn<PermissionWord>(PERMISSIONS);

export const resourceTypeCode = (word: ResourceTypeWord): number => RESOURCE_TYPES.indexOf(word);
export const patternTypeCode = (word: PatternTypeWord): number => PATTERN_TYPES.indexOf(word);
export const operationCode = (word: OperationWord): number => OPERATIONS.indexOf(word);
export const permissionCode = (word: PermissionWord): number => PERMISSIONS.indexOf(word);

export const isResourceType = (word: ResourceTypeWord): word is ResourceType => word !== "unknown" && word !== "any";
export const isPatternType = (word: PatternTypeWord): word is PatternType => word === "literal" || word === "prefixed";
export const isOperation = (word: OperationWord): word is Operation => word !== "unknown" && word !== "any";
export const isPermission = (word: PermissionWord): word is Permission => word === "deny" || word === "allow";
