// Entities that point at each other: the nodes of all namespaces of a file with their references resolved. What a reference may lead
// to by its port is the linker's question, not this file's.
import { hint } from "./nearest.ts";
import type {
  BindingNode,
  CatalogNode,
  CatalogUse,
  EntityNode,
  ExporterNode,
  Guarded,
  GuardNode,
  Reference,
  RouteNode,
  Value,
  VaultNode,
} from "./node.ts";
import type { Place } from "./place.ts";
import type { Tree } from "./tree.ts";
import { type Report, rootValue } from "./value.ts";

export interface NamespaceNode {
  readonly name: string;
  readonly place: Place;
  /** The whole document. */
  readonly value: Value;
  readonly bindings: readonly BindingNode[];
  readonly guards: readonly GuardNode[];
  readonly vaults: readonly VaultNode[];
  readonly catalogs: readonly CatalogNode[];
  readonly stores: readonly EntityNode[];
  readonly exporters: readonly ExporterNode[];
}

/** A checked file. */
export interface Graph {
  readonly file: string;
  /** The folder that relative paths start from. */
  readonly directory: string;
  readonly namespaces: readonly NamespaceNode[];
  /** Of all namespaces, in the order of the file. */
  readonly bindings: readonly BindingNode[];
  /** Those of a type that this program does not serve. */
  readonly unserved: readonly BindingNode[];
}

export type Section = "bindings" | "guards" | "vaults" | "catalogs" | "stores" | "exporters";
export const SECTIONS: readonly Section[] = ["vaults", "stores", "guards", "catalogs", "exporters", "bindings"];

/** An entity of the file before its references are looked at. */
export interface Draft {
  readonly section: Section;
  readonly namespace: string;
  readonly name: string;
  readonly tree: Tree;
  readonly keyPlace: Place;
  /** Whether a route of it must lead somewhere. */
  readonly leads: boolean;
  /** False: its type exists, but not here. */
  readonly served: boolean;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
/** A node of any section: bindings have all of it. */
type Node = Writable<BindingNode>;

const NOUNS: Readonly<Record<Section, string>> = {
  bindings: "binding",
  guards: "guard",
  vaults: "vault",
  catalogs: "catalog",
  stores: "store",
  exporters: "exporter",
};

const nodeOf = (draft: Draft, directory: string, report: Report): Node => {
  const value = rootValue(draft.tree, draft.keyPlace, report);
  return {
    namespace: draft.namespace,
    name: draft.name,
    qualified: `${draft.namespace}:${draft.name}`,
    type: value.at("type").string() ?? "",
    kind: value.at("kind").string() ?? "",
    keyPlace: draft.keyPlace,
    directory,
    value,
    at: value.at,
    place: (...path) => value.at(...path).place,
    routes: [],
    catalogs: [],
    authorizations: [],
  };
};

/** The nodes by section and qualified name. */
class Names {
  readonly #nodes = new Map<Section, Map<string, Node>>(SECTIONS.map((section) => [section, new Map()]));
  readonly #namespaces: readonly NamespaceDraft[];

  constructor(namespaces: readonly NamespaceDraft[]) {
    this.#namespaces = namespaces;
  }

  add(section: Section, node: Node): void {
    this.#nodes.get(section)?.set(node.qualified, node);
  }

  /** Undefined, and a mistake, where there is no such name; undefined where there is nothing to resolve. */
  resolve(section: Section, namespace: string, { written, place, refuse }: Written): Reference<Node> | undefined {
    if (written === undefined || written === "") return undefined;
    const colon = written.indexOf(":");
    const [within, name] = colon < 0 ? [namespace, written] : [written.slice(0, colon), written.slice(colon + 1)];
    const target = this.#nodes.get(section)?.get(`${within}:${name}`);
    if (target) return { text: written, place, target };
    const known = this.#namesIn(section, within);
    const searched = this.#namespaces.find((each) => each.name === within);
    const namespaces = this.#namespaces.map((each) => each.name);
    if (!searched) refuse(`found '${written}', no such namespace '${within}' in this file${hint(within, namespaces)}`);
    else if (searched.whole || known.length > 0) refuse(`found '${written}', no such ${NOUNS[section]}${hint(name, known)}`);
    return undefined;
  }

  #namesIn(section: Section, namespace: string): readonly string[] {
    return [...(this.#nodes.get(section)?.values() ?? [])].filter((node) => node.namespace === namespace).map(({ name }) => name);
  }
}

/** A name as it stands in the file. */
interface Written {
  readonly written: string | undefined;
  readonly place: Place;
  refuse(message: string): void;
}

const inValue = (value: Value): Written => ({ written: value.string(), place: value.place, refuse: value.refuse });
/** A name that is a key of a map. */
const inKey = (name: string, value: Value, report: Refuse): Written => ({
  written: name,
  place: value.keyPlace,
  refuse: (message) => report(value.keyPlace, message),
});
type Refuse = (place: Place, message: string) => void;

/** What the resolving of one binding needs. */
interface Resolving {
  readonly node: Node;
  readonly names: Names;
  readonly refuse: Refuse;
  /** Whether a route must lead somewhere. */
  readonly leads: boolean;
}

const guardedOf = (value: Value, { node, names, refuse }: Resolving): readonly Guarded[] =>
  value.entries().flatMap(([name, roles]) => {
    const guard = names.resolve("guards", node.namespace, inKey(name, roles, refuse));
    return guard ? [{ guard, roles: roles.strings() }] : [];
  });

const routeOf = (value: Value, resolving: Resolving): RouteNode => {
  const { node, names } = resolving;
  const exit = names.resolve("bindings", node.namespace, inValue(value.at("exit"))) ?? node.exit;
  return {
    ...(exit ? { exit } : {}),
    guarded: guardedOf(value.at("guarded"), resolving),
    when: value.at("when").items(),
    with: value.at("with"),
    place: value.place,
  };
};

const routesOf = (resolving: Resolving): readonly RouteNode[] => {
  const { node, refuse, leads } = resolving;
  const routes = node.at("routes").items();
  if (leads && !node.at("exit").present) {
    for (const route of routes)
      if (!route.at("exit").present) refuse(route.place, "missing 'exit': the route leads nowhere, and the binding has none either");
  }
  const last: RouteNode | undefined = node.exit && {
    exit: node.exit,
    guarded: [],
    when: [],
    with: node.at("exit", "with"),
    place: node.exit.place,
  };
  const written = routes.map((value) => routeOf(value, resolving));
  return last ? [...written, last] : written;
};

const resolveBinding = (resolving: Resolving): void => {
  const { node, names, refuse } = resolving;
  const one = (section: Section, key: string): Reference<Node> | undefined => names.resolve(section, node.namespace, inValue(node.at(key)));
  const exit = one("bindings", "exit");
  if (exit) node.exit = exit;
  const entry = one("bindings", "entry");
  if (entry) node.entry = entry;
  const vault = one("vaults", "vault");
  if (vault) node.vault = vault;
  node.routes = routesOf(resolving);
  node.catalogs = node
    .at("catalog")
    .entries()
    .flatMap(([name, schemas]): readonly CatalogUse[] => {
      const catalog = names.resolve("catalogs", node.namespace, inKey(name, schemas, refuse));
      return catalog ? [{ catalog, schemas: schemas.items() }] : [];
    });
  node.authorizations = node
    .at("options", "authorization")
    .entries()
    .flatMap(([name, value]) => {
      return names.resolve("guards", node.namespace, inKey(name, value, refuse)) ?? [];
    });
};

/** A namespace of the file before its entities are looked at. */
export interface NamespaceDraft {
  readonly name: string;
  readonly place: Place;
  readonly tree: Tree;
  readonly drafts: readonly Draft[];
  /** False: a section may be missing only because it is misspelt. */
  readonly whole: boolean;
}

/** What a graph is built with; `of` says to whom a mistake belongs. */
export interface Building {
  readonly file: string;
  readonly directory: string;
  readonly report: (draft?: Draft) => Report;
  readonly refuse: (draft: Draft, place: Place, message: string) => void;
}

/** Every node, and what was wrong with their references through `building`. */
export const graphOf = (
  namespaces: readonly NamespaceDraft[],
  building: Building,
): Graph & { readonly nodes: ReadonlyMap<Draft, BindingNode> } => {
  const { directory } = building;
  const names = new Names(namespaces);
  const nodes = new Map<Draft, Node>();
  for (const draft of namespaces.flatMap(({ drafts }) => drafts)) {
    const node = nodeOf(draft, directory, building.report(draft));
    nodes.set(draft, node);
    names.add(draft.section, node);
  }
  for (const [draft, node] of nodes) {
    const refuse: Refuse = (place, message) => building.refuse(draft, place, message);
    if (draft.section === "bindings") resolveBinding({ node, names, refuse, leads: draft.leads });
    else if (draft.section === "catalogs" || draft.section === "exporters") {
      const vault = names.resolve("vaults", node.namespace, inValue(node.at("vault")));
      if (vault) node.vault = vault;
    }
  }
  const made = namespaces.map((each) => namespaceNode(each, nodes, building.report()));
  const unserved = [...nodes].flatMap(([draft, node]) => (draft.served ? [] : [node]));
  return { file: building.file, directory, namespaces: made, bindings: made.flatMap(({ bindings }) => bindings), unserved, nodes };
};

const namespaceNode = ({ name, place, tree, drafts }: NamespaceDraft, nodes: ReadonlyMap<Draft, Node>, report: Report): NamespaceNode => {
  const of = (section: Section): readonly Node[] =>
    drafts.filter((draft) => draft.section === section).flatMap((draft) => nodes.get(draft) ?? []);
  return {
    name,
    place,
    value: rootValue(tree, place, report),
    bindings: of("bindings"),
    guards: of("guards"),
    vaults: of("vaults"),
    catalogs: of("catalogs"),
    stores: of("stores"),
    exporters: of("exporters"),
  };
};
