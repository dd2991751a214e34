// The frame of a document: what stands around the entities, and the whole JSON Schema that editors are given.
import type { BindingPart, Part, Parts } from "./part.ts";
import { ANNOTATIONS, duration, GUARDED, list, mapOf, NAME, object, ours, reference, type Schema, type Shared, shared } from "./schema.ts";

export const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** How long a namespace's calls in hand are waited for when the process is asked to end. */
export const DRAIN_DEFAULT = "30s";

const entities = (description: string, entity: Schema): Schema => mapOf(description, entity, { propertyNames: NAME });

/** Schemas of the entities of each section. */
type Sections = Readonly<Record<"vaults" | "stores" | "guards" | "catalogs" | "exporters" | "bindings", Schema>>;

const documentOf = (parts: Parts, sections: Sections): Schema =>
  object(
    "A namespace: bindings that lead calls from one to the next, and what they share",
    {
      name: { ...NAME, description: "The namespace: part of metrics' labels, log lines and consumer groups" },
      vaults: entities("Key material, by name", sections.vaults),
      stores: entities("Where guards keep what they learn, by name", sections.stores),
      guards: entities("Who may do what, by name", sections.guards),
      catalogs: entities("Where schemas and protos come from, by name", sections.catalogs),
      telemetry: object("What is measured, and who is told", {
        ...parts.telemetry.namespace,
        exporters: entities("Who is told, by name", sections.exporters),
      }),
      bindings: entities("The pipeline, by name", sections.bindings),
      limits: object(
        "Limits of the process; where several namespaces say one, the largest holds",
        { drain: ours(DRAIN_DEFAULT, duration("How long calls in hand may go on after the process was asked to end")) },
        { [ANNOTATIONS.ours]: true },
      ),
    },
    { required: ["name"] },
  );

const ANY: Schema = { type: "object" };

/** The frame alone: each entity is checked by the schema of its own type afterwards. */
export const frameSchema = (parts: Parts): Schema =>
  documentOf(parts, { vaults: ANY, stores: ANY, guards: ANY, catalogs: ANY, exporters: ANY, bindings: ANY });

/** What is checked of a binding of a type that is not served. */
export const UNSERVED: Schema = {
  type: "object",
  properties: {
    type: { type: "string" },
    kind: { type: "string" },
    exit: reference("Where it leads to when no route matches"),
    routes: list("Where it leads to, by conditions", {
      type: "object",
      properties: { exit: reference("The binding that this route leads to"), guarded: GUARDED },
    }),
  },
  required: ["type", "kind"],
};

const when = (condition: Schema, schema: Schema): Schema => ({
  if: condition,
  // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema.
  then: schema,
});

const typed = (parts: readonly Part[], description: string): Schema => ({
  type: "object",
  properties: { type: { enum: parts.map(({ type }) => type), description } },
  required: ["type"],
  allOf: parts.map(({ type, schema }) => when({ properties: { type: { const: type } }, required: ["type"] }, schema)),
});

const bindingOf = ({ bindings, unserved, telemetry }: Parts): Schema => {
  const types = [...new Set(bindings.map(({ type }) => type))];
  const kindsOf = (type: string): readonly BindingPart<unknown>[] => bindings.filter((part) => part.type === type);
  const perType = types.map((type) =>
    when(
      { properties: { type: { const: type } }, required: ["type"] },
      { properties: { kind: { enum: kindsOf(type).map(({ kind }) => kind), description: "Which side of it" } } },
    ),
  );
  const perKind = bindings.map(({ type, kind, schema }) =>
    when(
      { properties: { type: { const: type }, kind: { const: kind } }, required: ["type", "kind"] },
      withTelemetry(schema, telemetry.binding),
    ),
  );
  return {
    type: "object",
    properties: { type: { enum: [...types, ...unserved], description: "What the binding speaks" } },
    required: ["type", "kind"],
    allOf: [...perType, ...perKind],
  };
};

const withTelemetry = (schema: Schema, telemetry: Schema): Schema => ({
  ...schema,
  properties: { ...Object(schema["properties"]), telemetry: shared("telemetry", telemetry) },
});

/** A scalar that is no free text may still be an expression before it is replaced. */
const EXPRESSION = "\\$\\{\\{.*\\}\\}";
const NARROW: readonly string[] = ["enum", "pattern", "minimum", "maximum"];

/** Makes the schema that editors get; shared parts are gathered as definitions. */
class Editors {
  readonly definitions = new Map<string, unknown>();

  /** Without our annotations, and with `${{env.X}}` wherever a number or one of a few texts is asked for. */
  plain(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map((each) => this.plain(each));
    if (!isSchema(schema)) return schema;
    const shared = schema[ANNOTATIONS.shared];
    if (isShared(shared)) return this.#reference(shared);
    const entries = Object.entries(schema).filter(([keyword]) => !Object.hasOwn(ANNOTATIONS, keyword));
    const made = Object.fromEntries(entries.map(([keyword, value]) => [keyword, this.#keyword(keyword, value)]));
    const scalar = ["integer", "number", "boolean"].includes(String(made["type"])) || NARROW.some((keyword) => keyword in made);
    return scalar && !isSchema(made["properties"]) ? orExpression(made) : made;
  }

  #keyword(keyword: string, value: unknown): unknown {
    if (keyword === "if") return value;
    if (keyword !== "properties" || !isSchema(value)) return this.plain(value);
    return Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, this.plain(schema)])); // Keys are the user's, not keywords.
  }

  #reference({ name, schema }: Shared): Schema {
    if (!this.definitions.has(name)) {
      this.definitions.set(name, {}); // Not again while it is being made.
      this.definitions.set(name, this.plain(schema));
    }
    return { $ref: `#/$defs/${name}` };
  }
}

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;
const isShared = (value: unknown): value is Shared => isSchema(value) && "name" in value && "schema" in value;

const orExpression = ({ description, default: fallback, ...rest }: Schema): Schema => ({
  ...(description === undefined ? {} : { description }),
  ...(fallback === undefined ? {} : { default: fallback }),
  anyOf: [rest, { type: "string", pattern: EXPRESSION }],
});

/** The JSON Schema of a whole document, for editors: one `if` a type and kind, so that help is about what stands there. */
export const documentSchema = (parts: Parts): Schema => {
  const document = documentOf(parts, {
    vaults: typed(parts.vaults, "What kind of vault"),
    stores: typed(parts.stores, "What kind of store"),
    guards: typed(parts.guards, "What kind of guard"),
    catalogs: typed(parts.catalogs, "What kind of catalog"),
    exporters: typed(parts.exporters, "What kind of exporter"),
    bindings: bindingOf(parts),
  });
  const editors = new Editors();
  const plain = Object(editors.plain(document));
  return { $schema: DIALECT, title: "sluice", ...plain, $defs: Object.fromEntries(editors.definitions) };
};
