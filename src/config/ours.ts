// The keys that the original does not have, gathered from the schemas: what the documents list, and what a file must not hold that
// the original shall read as well.
import type { Parts } from "./part.ts";
import { ANNOTATIONS, type Schema } from "./schema.ts";

export interface OurKey {
  /** `grpc server`, or `namespace`. */
  readonly where: string;
  /** `options.limits.message`; `routes[].with.metadata`. */
  readonly key: string;
  readonly fallback?: string;
  readonly meaning: string;
}

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

/** Keys inside one schema; a map that is ours is told by its keys. */
const inside = (schema: unknown, where: string, path: string): readonly OurKey[] => {
  if (!isSchema(schema)) return [];
  const properties = isSchema(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  const below = properties.flatMap(([key, each]) => inside(each, where, path === "" ? key : `${path}.${key}`));
  const items = inside(schema["items"], where, `${path}[]`);
  const choices = Array.isArray(schema["allOf"]) ? schema["allOf"].flatMap((each) => inside(Object(each)["then"], where, path)) : [];
  const found = [...below, ...items, ...choices];
  if (schema[ANNOTATIONS.ours] !== true || found.length > 0) return found;
  const fallback = schema["default"];
  const meaning = String(schema["description"] ?? "");
  return [fallback === undefined ? { where, key: path, meaning } : { where, key: path, fallback: String(fallback), meaning }];
};

/** In the order of the parts. */
export const ourKeys = (parts: Parts, frame: Schema): readonly OurKey[] => [
  ...inside(frame, "namespace", ""),
  ...parts.bindings.flatMap(({ type, kind, schema }) => inside(schema, `${type} ${kind}`, "")),
  ...[...parts.vaults, ...parts.guards, ...parts.catalogs, ...parts.exporters].flatMap(({ type, schema }) => inside(schema, type, "")),
];
