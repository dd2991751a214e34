// A part: what one type (and kind) of entity contributes to the schema and how it is read. The parts are handed to config from
// above, since they live beside the code that they configure.
import type { BindingNode, EntityNode } from "./node.ts";
import { GUARDED, object, oneNeeded, reference, type Schema, text } from "./schema.ts";

/** A key that older releases of the original knew: accepted, with a warning. `*` stands for any entry. */
export interface OlderKey {
  readonly path: readonly string[];
  /** What to write today, after "'sasl' is the older spelling;". */
  readonly instead: string;
}

export interface Part {
  readonly type: string;
  /** Of the whole entity, `type` and `kind` included. */
  readonly schema: Schema;
  readonly older?: readonly OlderKey[];
}

export interface EntityPart<Config> extends Part {
  /** Reports what a schema cannot say through the values it reads, and goes on. */
  parse(node: EntityNode): Config;
}

export interface BindingPart<Config> extends Part {
  readonly kind: string;
  parse(node: BindingNode): Config;
}

/** Everything a file may hold. */
export interface Parts {
  readonly bindings: readonly BindingPart<unknown>[];
  /** Binding types of the original that exist, but that this program does not serve. */
  readonly unserved: readonly string[];
  readonly guards: readonly EntityPart<unknown>[];
  readonly vaults: readonly EntityPart<unknown>[];
  readonly catalogs: readonly EntityPart<unknown>[];
  readonly stores: readonly EntityPart<unknown>[];
  readonly exporters: readonly EntityPart<unknown>[];
  /** `telemetry` of a namespace without its exporters, and `telemetry` of a binding. */
  readonly telemetry: { readonly namespace: Readonly<Record<string, Schema>>; readonly binding: Schema };
}

/** What a binding's map may hold beside `type`, `kind` and `telemetry`. */
export interface BindingShape {
  readonly type: string;
  readonly kind: string;
  readonly description: string;
  readonly options?: Schema;
  /** Keys of a route beside `exit` and `guarded`; absent: no routes. */
  readonly route?: { readonly when?: Schema; readonly with?: Schema; readonly exit?: "none"; readonly required?: readonly string[] };
  readonly exit?: "none";
  /** Further keys: vault, catalog, entry. */
  readonly keys?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly rules?: readonly Schema[];
}

const routeSchema = ({ when, with: forms, exit, required }: NonNullable<BindingShape["route"]>): Schema =>
  object(
    "Tried from top to bottom; the first that matches is taken",
    {
      ...(exit ? {} : { exit: reference("The binding that this route leads to") }),
      guarded: GUARDED,
      ...(when ? { when: { type: "array", items: when, description: "Any of these may match; none: always" } } : {}),
      ...(forms ? { with: forms } : {}),
    },
    required ? { required } : {},
  );

const rulesOf = ({ route, exit, required, rules }: BindingShape): Schema => {
  const leads = route && !exit && !required?.includes("routes");
  const all = [...(leads ? [oneNeeded("exit", "routes")] : []), ...(rules ?? [])];
  return all.length > 0 ? { allOf: all } : {};
};

/** The schema of a binding of one type and kind. What `telemetry` may hold is added where all parts are known. */
export const bindingSchema = (shape: BindingShape): Schema =>
  object(
    shape.description,
    {
      type: { const: shape.type, description: "What the binding speaks" },
      kind: { const: shape.kind, description: shape.description },
      ...(shape.options ? { options: shape.options } : {}),
      ...(shape.route
        ? { routes: { type: "array", items: routeSchema(shape.route), description: "Where it leads to, by conditions" } }
        : {}),
      ...(shape.exit ? {} : { exit: reference("Where it leads to when no route matches") }),
      ...shape.keys,
      telemetry: {},
    },
    { required: ["type", "kind", ...(shape.required ?? [])], ...rulesOf(shape) },
  );

/** The schema of a guard, vault, catalog, store or exporter. */
export const entitySchema = (
  type: string,
  keys: Readonly<Record<string, Schema>>,
  more: Schema & { readonly description: string },
): Schema => {
  const { description, ...rest } = more;
  return object(description, { type: { const: type, description }, ...keys }, rest);
};

export const VAULT: Schema = reference("The vault that holds the keys and certificates named here");
export const KEY_NAMES = (description: string): Schema => ({ type: "array", items: text("An alias in the vault"), description });
