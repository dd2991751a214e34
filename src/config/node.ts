// What the rest of the program sees of the file: values with their places, and the entities of a namespace with their references
// resolved. Types only; graph.ts builds them, and nothing here knows that the file was YAML.

import type { Place } from "./place.ts";

export type Step = string | number;

/**
 * A value of the file and where it stands. Reading never fails: what is absent, or of another type (which the schema has refused
 * already), reads as undefined or empty.
 */
export interface Value {
  readonly present: boolean;
  /** Of the value; of the nearest thing above it that is there, when it is absent. */
  readonly place: Place;
  /** Of the key it stands under; of the value where there is no key. */
  readonly keyPlace: Place;
  at(...path: readonly Step[]): Value;
  string(): string | undefined;
  number(): number | undefined;
  boolean(): boolean | undefined;
  /** The entries of a list; none when it is absent. */
  items(): readonly Value[];
  /** The texts of a list of texts. */
  strings(): readonly string[];
  /** The entries of a map in the order of the file. */
  entries(): readonly (readonly [name: string, value: Value])[];
  /** The plain value, as JSON. */
  json(): unknown;
  /** Reports a mistake that no schema can say, and goes on: all mistakes are shown at once. */
  refuse(message: string): void;
  /** Reports something that works, but that the user should know. */
  warn(message: string): void;
}

/** The name of another entity, resolved: a graph with an unknown name is never handed out. */
export interface Reference<Target> {
  /** As the file spells it: `name` or `namespace:name`. */
  readonly text: string;
  readonly place: Place;
  readonly target: Target;
}

/** Anything that has a name in a namespace. */
export interface EntityNode {
  readonly namespace: string;
  readonly name: string;
  /** `namespace:name`: unique in the process. */
  readonly qualified: string;
  readonly type: string;
  /** Of its name in the file. */
  readonly keyPlace: Place;
  /** The folder that relative paths in the file start from. */
  readonly directory: string;
  readonly value: Value;
  /** The same as `value.at`. */
  at(...path: readonly Step[]): Value;
  /** The place of the value at a path. */
  place(...path: readonly Step[]): Place;
}

export interface VaultNode extends EntityNode {}
export interface GuardNode extends EntityNode {}
export interface CatalogNode extends EntityNode {
  readonly vault?: Reference<VaultNode>;
}
export interface ExporterNode extends EntityNode {
  readonly vault?: Reference<VaultNode>;
}

/** `guarded` of a route: one guard and the roles it asks for. */
export interface Guarded {
  readonly guard: Reference<GuardNode>;
  readonly roles: readonly string[];
}

export interface RouteNode {
  /** The route's own exit, else the binding's. */
  readonly exit?: Reference<BindingNode>;
  readonly guarded: readonly Guarded[];
  /** Any of them may match; none: always. */
  readonly when: readonly Value[];
  /** Absent values read as such: `route.with.present`. */
  readonly with: Value;
  readonly place: Place;
}

/** A use of a catalog by a binding: `catalog: { name: [ { subject, version } ] }`. */
export interface CatalogUse {
  readonly catalog: Reference<CatalogNode>;
  readonly schemas: readonly Value[];
}

export interface BindingNode extends EntityNode {
  readonly kind: string;
  readonly entry?: Reference<BindingNode>;
  /** The binding's own `exit`; it also stands as the last route, without conditions. */
  readonly exit?: Reference<BindingNode>;
  readonly routes: readonly RouteNode[];
  readonly vault?: Reference<VaultNode>;
  readonly catalogs: readonly CatalogUse[];
  /** The guards that `options.authorization` names. */
  readonly authorizations: readonly Reference<GuardNode>[];
}
