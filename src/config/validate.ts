// A tree against a schema: ajv finds what is wrong, and each mistake becomes one sentence at its place.

import type { SchemaValidateFunction } from "ajv";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { holdsUnset } from "./expression.ts";
import { hint } from "./nearest.ts";
import { ConfigError, type Place, type Warning } from "./place.ts";
import { ANNOTATIONS, type Schema, type Shared } from "./schema.ts";
import { jsonOf, type Tree, treeAt, withPlain } from "./tree.ts";

export interface Validated {
  /** With numbers from the environment turned into texts where a text is needed. */
  readonly tree: Tree;
  readonly mistakes: readonly ConfigError[];
  readonly warnings: readonly Warning[];
}

const isRegex = (text: string): boolean => {
  try {
    return new RegExp(text) !== undefined;
  } catch {
    return false;
  }
};

let ajv: Ajv2020 | undefined;
const compiled = new WeakMap<Schema, ValidateFunction>();

const makeAjv = (): Ajv2020 => {
  const made = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    meta: false,
    validateSchema: false,
    code: { optimize: false }, // Compiling is what takes time here; each schema is used a few times.
    keywords: Object.values(ANNOTATIONS).filter((keyword) => keyword !== ANNOTATIONS.shared),
    formats: { regex: isRegex },
  });
  return made.addKeyword({ keyword: ANNOTATIONS.shared, errors: "full", validate: checkShared });
};

/** Compiled when first needed: a file uses few of the schemas there are. */
const validator = (schema: Schema): ValidateFunction => {
  const known = compiled.get(schema);
  if (known) return known;
  ajv ??= makeAjv();
  const made = ajv.compile(schema);
  compiled.set(schema, made);
  return made;
};

/** A keyword of ours: the value against a schema of its own. Its errors travel inside one, since ajv writes over those that are given to it. */
const checkShared: SchemaValidateFunction = (...given): boolean => {
  const { name, schema }: Shared = given[0];
  const data: unknown = given[1];
  const check = validator(schema);
  if (check(data)) return true;
  const inner = flat(check.errors ?? []).map((error) => ({
    ...error,
    instancePath: `${given[3]?.instancePath ?? ""}${error.instancePath}`,
    schemaPath: `${name}${error.schemaPath}`,
  }));
  checkShared.errors = [{ keyword: ANNOTATIONS.shared, message: "", params: { inner } }];
  return false;
};

/** With the errors that travelled inside others in their place. */
const flat = (errors: readonly ErrorObject[]): readonly ErrorObject[] =>
  errors.flatMap((error) => (error.keyword === ANNOTATIONS.shared ? error.params["inner"] : [error]));

/** `keyPlace`: where the name of the tree stands, for what is missing in it. */
export const validate = (tree: Tree, keyPlace: Place, schema: Schema): Validated => {
  const check = validator(schema);
  if (check(jsonOf(tree))) return { tree, mistakes: [], warnings: [] };
  const fixed = textsFrom(tree, check.errors ?? []);
  if (fixed !== tree && check(jsonOf(fixed))) return { tree: fixed, mistakes: [], warnings: [] };
  return { tree: fixed, ...sentences(check.errors ?? [], fixed, keyPlace) };
};

/** `password: ${{env.PASSWORD}}` is a text, also when the password is 0123. */
const textsFrom = (tree: Tree, errors: readonly ErrorObject[]): Tree => {
  let fixed = tree;
  for (const { keyword, params, instancePath } of flat(errors)) {
    if (keyword !== "type" || params["type"] !== "string") continue;
    const path = steps(instancePath);
    const at = treeAt(tree, path);
    if (at?.kind === "scalar" && at.source !== undefined && at.value !== null) fixed = withPlain(fixed, path, at.source);
  }
  return fixed;
};

const steps = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((each) => each.replaceAll("~1", "/").replaceAll("~0", "~"));

/** One thing that is wrong, before those that follow from others are left out. */
interface Finding {
  readonly path: readonly string[];
  readonly error: ErrorObject;
  readonly place: Place;
  readonly message: string;
}

const sentences = (errors: readonly ErrorObject[], tree: Tree, keyPlace: Place): Omit<Validated, "tree"> => {
  const findings = withoutNoise(errors).map((error) => findingOf(error, tree, keyPlace));
  const kept = findings.filter((finding) => !followsFrom(finding, findings));
  const mistakes = kept.filter(({ error }) => !isTolerated(error)).map(({ place, message }) => new ConfigError(place, message));
  const warnings = kept
    .filter(({ error }) => isTolerated(error))
    .map(({ place, message }) => ({ place, message: `${message}; it is ignored` }));
  return { mistakes: unique(mistakes), warnings };
};

/** Without what stands inside a union that has a sentence of its own, and without what only says that something inside failed. */
const withoutNoise = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const all = flat(errors);
  const unions = all.filter(({ keyword }) => keyword === "anyOf" || keyword === "not").map(({ schemaPath }) => `${schemaPath}/`);
  return all.filter(({ keyword, schemaPath, data, params }) => {
    if (keyword === "if" || unions.some((union) => schemaPath.startsWith(union))) return false;
    if (keyword === "propertyNames") return false; // Its inner error carries the sentence.
    return !(typeof data === "string" && holdsUnset(data)) && !holdsUnset(String(params["propertyName"] ?? ""));
  });
};

const isTolerated = ({ keyword, parentSchema }: ErrorObject): boolean =>
  keyword === "additionalProperties" && parentSchema?.[ANNOTATIONS.tolerant] === true;

/** A key is not missing where it is only misspelt. */
const followsFrom = ({ error, path }: Finding, all: readonly Finding[]): boolean =>
  error.keyword === "required" &&
  all.some(
    (other) =>
      other.error.keyword === "additionalProperties" &&
      other.path.join("/") === path.join("/") &&
      other.message.includes(`did you mean '${error.params["missingProperty"]}'?`),
  );

const unique = (mistakes: readonly ConfigError[]): readonly ConfigError[] => {
  const seen = new Set<string>();
  return mistakes.filter((mistake) => !seen.has(String(mistake)) && seen.add(String(mistake)));
};

const findingOf = (error: ErrorObject, tree: Tree, keyPlace: Place): Finding => {
  const path = steps(error.instancePath);
  const extra = error.propertyName ?? error.params["additionalProperty"];
  const stands = typeof extra === "string" ? keyPlaceOf(tree, [...path, extra], keyPlace) : undefined;
  const missing = error.keyword === "required" || error.parentSchema?.[ANNOTATIONS.otherwise] !== undefined;
  const place = stands ?? (missing ? keyPlaceOf(tree, path, keyPlace) : (treeAt(tree, path)?.place ?? keyPlace));
  return { path, error, place, message: messageOf(error) };
};

/** Where the key of a value stands; the item itself in a list. */
const keyPlaceOf = (tree: Tree, path: readonly string[], keyPlace: Place): Place => {
  const last = path.at(-1);
  if (last === undefined) return keyPlace;
  const parent = treeAt(tree, path.slice(0, -1));
  if (parent?.kind === "map") return parent.entries.get(last)?.keyPlace ?? parent.place;
  return treeAt(tree, path)?.place ?? keyPlace;
};

/** What stands there, short. */
export const foundText = (value: unknown): string => {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return Object.keys(value).length === 0 ? "an empty map" : "a map";
  if (typeof value !== "string") return String(value);
  return value.length > FOUND_LENGTH_MAX ? `'${value.slice(0, FOUND_LENGTH_MAX)}…'` : `'${value}'`;
};
const FOUND_LENGTH_MAX = 60;

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
};

const messageOf = (error: ErrorObject): string => {
  const { parentSchema, data, keyword } = error;
  const otherwise = parentSchema?.[ANNOTATIONS.otherwise];
  if (typeof otherwise === "string") return otherwise;
  const wanted = parentSchema?.[ANNOTATIONS.wanted];
  if (typeof wanted === "string" && keyword !== "additionalProperties" && keyword !== "required")
    return `found ${foundText(data)}, but ${wanted} is needed`;
  return SENTENCES[keyword]?.(error) ?? `found ${foundText(data)}: ${error.message ?? keyword}`;
};

const needed = (data: unknown, what: string): string => `found ${foundText(data)}, but ${what} is needed`;

/** Keys of a schema's map. */
const keysOf = (schema: unknown): readonly string[] => (typeof schema === "object" && schema !== null ? Object.keys(schema) : []);

const chosen = (error: ErrorObject, allowed: readonly unknown[]): string => {
  const names = allowed.map(String);
  if (typeof error.data === "object" || names.length === 1) return needed(error.data, names.map((name) => `'${name}'`).join(" or "));
  return `found ${foundText(error.data)}, no such value here${hint(String(error.data), names)}`;
};

const SENTENCES: Readonly<Record<string, (error: ErrorObject) => string>> = {
  additionalProperties: ({ params, parentSchema }) => {
    const found = String(params["additionalProperty"]);
    return `found '${found}', no such key here${hint(found, keysOf(parentSchema?.["properties"]).toSorted())}`;
  },
  required: ({ params, parentSchema }) => {
    const missing = String(params["missingProperty"]);
    const choices: unknown = parentSchema?.["properties"]?.[missing]?.["enum"];
    return `missing '${missing}'${Array.isArray(choices) ? `; allowed: ${choices.join(", ")}` : ""}`;
  },
  type: ({ data, params }) => needed(data, TYPES[String(params["type"])] ?? String(params["type"])),
  enum: (error) => chosen(error, Array.isArray(error.schema) ? error.schema : []),
  const: (error) => chosen(error, [error.schema]),
  minimum: ({ data, params }) => needed(data, `at least ${params["limit"]}`),
  maximum: ({ data, params }) => needed(data, `at most ${params["limit"]}`),
  minItems: ({ data, params }) => needed(data, `a list of at least ${params["limit"]}`),
  maxItems: ({ data, params }) => needed(data, `a list of at most ${params["limit"]}`),
  minLength: ({ data }) => needed(data, "a text that is not empty"),
  minProperties: ({ data, params }) => needed(data, `a map of at least ${params["limit"]}`),
  maxProperties: ({ data, params }) => `found ${keysOf(data).length} entries, but at most ${params["limit"]} is allowed`,
  pattern: ({ data, params }) => needed(data, `a text like ${params["pattern"]}`),
};
