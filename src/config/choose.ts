// Which schema an entity is checked by: the one of its own type and kind, so that mistakes are about what was meant.
import { UNSERVED } from "./base.ts";
import type { Draft } from "./graph.ts";
import { hint, nearest } from "./nearest.ts";
import type { BindingNode } from "./node.ts";
import type { BindingPart, EntityPart, OlderKey, Parts } from "./part.ts";
import { ConfigError } from "./place.ts";
import type { Schema } from "./schema.ts";
import { treeAt } from "./tree.ts";
import { foundText } from "./validate.ts";

/** How an entity is checked and read. */
export interface Choice {
  readonly schema: Schema;
  readonly older?: readonly OlderKey[];
  /** Whether a route of it must lead somewhere. */
  readonly leads: boolean;
  /** False: its type exists, but not here. */
  readonly served?: false;
  /** Asked once its schema and its references are right. */
  readonly parse?: (node: BindingNode) => unknown;
}

/** The choice for an entity, or what is wrong with its type or kind. */
export const choose = (draft: Draft, parts: Parts): Choice | ConfigError => {
  if (draft.section === "bindings") return chooseBinding(draft, parts);
  const byType = new Map(parts[draft.section].map((part) => [part.type, part]));
  const part = chosen(draft, byType, { key: "type", otherwise: `no such type of ${draft.section.slice(0, -1)}` });
  return part instanceof ConfigError ? part : choiceOf(part);
};

const chooseBinding = (draft: Draft, { bindings, unserved }: Parts): Choice | ConfigError => {
  const byType = Map.groupBy(bindings, ({ type }) => type);
  const elsewhere = new Map(unserved.map((type): [string, readonly BindingPart<unknown>[]] => [type, []]));
  const ofType = chosen(draft, new Map([...byType, ...elsewhere]), {
    key: "type",
    otherwise: "no such type of binding",
    shown: [...byType.keys()],
  });
  if (ofType instanceof ConfigError) return ofType;
  const [first] = ofType;
  if (!first) return { schema: UNSERVED, leads: false, served: false };
  const byKind = new Map(ofType.map((part) => [part.kind, part]));
  const part = chosen(draft, byKind, { key: "kind", otherwise: `no such kind of ${first.type} binding` });
  return part instanceof ConfigError ? part : choiceOf(part);
};

const choiceOf = (part: EntityPart<unknown> | BindingPart<unknown>): Choice => ({
  schema: part.schema,
  ...(part.older ? { older: part.older } : {}),
  leads: Object(part.schema["properties"])["routes"]?.["items"]?.["properties"]?.["exit"] !== undefined,
  parse: (node) => part.parse(node),
});

interface Asked {
  readonly key: "type" | "kind";
  readonly otherwise: string;
  /** What of the choices a message lists; all of them without it. */
  readonly shown?: readonly string[];
}

/** What the value of `type` or `kind` stands for, or what is wrong with it. */
const chosen = <Of>({ tree, keyPlace }: Draft, choices: ReadonlyMap<string, Of>, { key, otherwise, shown }: Asked): Of | ConfigError => {
  const known = [...choices.keys()];
  const allowed = shown ?? known;
  const at = treeAt(tree, [key]);
  if (!at) return new ConfigError(keyPlace, `missing '${key}'; allowed: ${allowed.join(", ")}`);
  if (at.kind !== "scalar") return new ConfigError(at.place, `found a ${at.kind}, but a text is needed`);
  if (typeof at.value !== "string") return new ConfigError(at.place, `found ${foundText(at.value)}, but a text is needed`);
  const choice = choices.get(at.value);
  if (choice !== undefined) return choice;
  const meant = nearest(at.value, known);
  const listed = meant === undefined || allowed.includes(meant) ? hint(at.value, allowed) : `; did you mean '${meant}'?`;
  return new ConfigError(at.place, `found '${at.value}', ${otherwise}${listed}`);
};
