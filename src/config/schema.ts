// JSON Schema (2020-12) in a few words: what the fragments in the config.ts files are written with, and the annotations that turn a
// validator's errors into sentences. No fragment uses a union without `wanted` or `otherwise`, so one mistake is one sentence.

export interface Schema {
  readonly [keyword: string]: unknown;
}

/** Annotations of ours, known to the validator and left out of what editors get. */
export const ANNOTATIONS = {
  /** What is needed here, after "found …, but": replaces whatever the validator has against the value. */
  wanted: "wanted",
  /** The whole sentence for a rule over several keys. */
  otherwise: "otherwise",
  /** A key that the original does not have. */
  ours: "ours",
  /** Unknown keys are only warned of, since the original ignores them. */
  tolerant: "tolerant",
  /** See `shared`. */
  shared: "shared",
} as const;

export interface Shared {
  readonly name: string;
  readonly schema: Schema;
}

/** A large schema that stands in several places: compiled once and only when met, and one definition for editors. Not inside a union. */
export const shared = (name: string, schema: Schema): Schema => ({ [ANNOTATIONS.shared]: { name, schema } satisfies Shared });

export const text = (description: string, more: Schema = {}): Schema => ({ type: "string", description, ...more });
export const flag = (description: string, more: Schema = {}): Schema => ({ type: "boolean", description, ...more });
export const integer = (description: string, more: Schema = {}): Schema => ({ type: "integer", description, ...more });
export const oneOf = (description: string, values: readonly string[], more: Schema = {}): Schema => ({
  enum: values,
  description,
  ...more,
});
export const list = (description: string, items: Schema, more: Schema = {}): Schema => ({ type: "array", items, description, ...more });
/** A map from names of the user's to values of one shape. */
export const mapOf = (description: string, values: Schema, more: Schema = {}): Schema => ({
  type: "object",
  additionalProperties: values,
  description,
  ...more,
});

export interface Keys {
  readonly [key: string]: Schema;
}

/** A map with known keys and no others. */
export const object = (description: string, properties: Keys, more: Schema = {}): Schema => ({
  type: "object",
  properties,
  additionalProperties: false,
  description,
  ...more,
});

/** A key that the original does not have, with its default as the file would spell it. */
export const ours = (fallback: string | number | boolean | undefined, schema: Schema): Schema =>
  fallback === undefined ? { ...schema, [ANNOTATIONS.ours]: true } : { ...schema, default: fallback, [ANNOTATIONS.ours]: true };

/** Any of the schemas; `wanted` says what all of them are about. */
export const either = (wanted: string, schemas: readonly Schema[], more: Schema = {}): Schema => ({
  anyOf: schemas,
  [ANNOTATIONS.wanted]: wanted,
  ...more,
});

/** A rule over several keys of a map, for its `allOf`. */
export const rule = (otherwise: string, schema: Schema): Schema => ({ ...schema, [ANNOTATIONS.otherwise]: otherwise });
/** At least one of the keys. */
export const oneNeeded = (...keys: readonly string[]): Schema =>
  rule(`missing ${keys.map((key) => `'${key}'`).join(" or ")}`, { anyOf: keys.map((key) => ({ required: [key] })) });
/** Not both keys. */
export const exclusive = (one: string, other: string): Schema =>
  rule(`found '${one}' and '${other}', but only one of them is allowed`, { not: { required: [one, other] } });

/** A map whose `key` chooses its schema. An unknown or missing value of `key` is the only mistake then. */
export const chosenBy = (key: string, choices: Readonly<Record<string, Schema>>, description: string): Schema => ({
  type: "object",
  description,
  properties: { [key]: { enum: Object.keys(choices) } },
  required: [key],
  allOf: Object.entries(choices).map(([value, schema]) => ({
    if: { type: "object", properties: { [key]: { const: value } }, required: [key] },
    // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema.
    then: schema,
  })),
});

const nameOf = (what: string): Schema => ({
  type: "string",
  pattern: "^[a-zA-Z]+[a-zA-Z0-9._-]*$",
  [ANNOTATIONS.wanted]: `${what} (a letter, then letters, digits, '.', '_' or '-')`,
});
export const NAME: Schema = nameOf("a name");

/** A name, or `namespace:name`. */
export const reference = (description: string): Schema => ({
  type: "string",
  pattern: "^([a-zA-Z]+[a-zA-Z0-9._-]*:)?[a-zA-Z]+[a-zA-Z0-9._-]*$",
  [ANNOTATIONS.wanted]: "a name, or 'namespace:name'",
  description,
});

const PORT: Schema = { type: "integer", minimum: 0, maximum: 65535 };
const PORT_TEXT: Schema = { type: "string", pattern: "^[0-9]{1,5}(-[0-9]{1,5})?$" };
/** A port, a range, or a list of these. */
export const ports = (description: string): Schema => ({
  description,
  if: { type: "array" },
  // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema.
  then: { items: either("a port (0 to 65535) or a range such as '7151-7153'", [PORT, PORT_TEXT]), minItems: 1 },
  else: either("a port (0 to 65535), a range such as '7151-7153', or a list of these", [PORT, PORT_TEXT]),
});

/** See `durationMs` of units.ts. */
export const duration = (description: string): Schema => ({
  type: "string",
  pattern: "^[0-9]+(ms|s|m|h)$",
  [ANNOTATIONS.wanted]: "a time such as '500ms', '30s', '5m' or '1h'",
  description,
});

/** See `sizeBytes` of units.ts. */
export const size = (description: string): Schema =>
  either(
    "a size: bytes, or with a unit such as '64KiB' or '4MiB'",
    [
      { type: "integer", minimum: 1 },
      { type: "string", pattern: "^[0-9]+(B|KiB|MiB|GiB)$" },
    ],
    { description },
  );

/** A text that may be `${guarded['g'].identity}` or `${guarded['g'].attributes.a}`. */
export const guardedText = (description: string): Schema =>
  text(`${description}; may be \${guarded['<guard>'].identity} or \${guarded['<guard>'].attributes.<name>}`, {
    examples: [`\${guarded['jwt'].identity}`],
  });
/** `guarded` of a route. */
export const GUARDED: Schema = shared(
  "guarded",
  mapOf(
    "Who may use this route: guards with the roles that each asks for. A route that refuses is skipped, the next one is tried",
    { type: "array", items: { type: "string" }, description: "The roles asked for; all are needed" },
    { propertyNames: nameOf("the name of a guard") },
  ),
);
