// From the nodes of the file to bound bindings: exits before those that exit to them, each reference checked against the port that is
// needed. Nothing is opened here, so `check` links as well.
import type { Binding, Bound, Exits, PortName, Ports, Runtime } from "../bindings/binding.ts";
import type { BindingNode, Reference } from "../config/node.ts";
import { ConfigError, ConfigErrors } from "../config/place.ts";
import type { Observer } from "../telemetry/observed.ts";

export interface LinkedBinding {
  readonly node: BindingNode;
  readonly serves: readonly PortName[];
  readonly bound: Bound;
}

/** What the linker is given beside the nodes. */
export interface Linking {
  /** The bindings there are, by `type/kind`. */
  readonly definitions: ReadonlyMap<string, Binding<unknown>>;
  runtime(node: BindingNode): Runtime;
  observer(node: BindingNode, serves: readonly PortName[]): Observer;
}

export const definitionName = ({ type, kind }: { readonly type: string; readonly kind: string }): string => `${type}/${kind}`;

interface Edge {
  readonly reference: Reference<BindingNode>;
  /** Undefined: the binding has no exits of that sort. */
  readonly needed: PortName | undefined;
}

const edgesOf = (node: BindingNode, definition: Binding<unknown>): readonly Edge[] => {
  const exits = [...node.routes.map(({ exit }) => exit), node.exit];
  const unique = new Set(exits.filter((exit) => exit !== undefined));
  const edges: Edge[] = [...unique].map((reference) => ({ reference, needed: definition.exits }));
  return node.entry ? [...edges, { reference: node.entry, needed: definition.entry }] : edges;
};

const portsText = (serves: readonly PortName[]): string => (serves.length === 0 ? "nothing" : serves.join(" and "));

/** Bindings of the file with their definitions, in an order in which exits come first. */
class Ordering {
  readonly #definitions: ReadonlyMap<string, Binding<unknown>>;
  readonly mistakes: ConfigError[] = [];
  readonly ordered: { readonly node: BindingNode; readonly definition: Binding<unknown>; readonly edges: readonly Edge[] }[] = [];
  readonly #done = new Set<BindingNode>();
  readonly #path: BindingNode[] = [];

  constructor(definitions: ReadonlyMap<string, Binding<unknown>>) {
    this.#definitions = definitions;
  }

  add(node: BindingNode): void {
    if (this.#done.has(node)) return;
    this.#done.add(node);
    const definition = this.#definitions.get(definitionName(node));
    if (!definition) {
      this.mistakes.push(new ConfigError(node.keyPlace, `'${node.name}' (${node.type} ${node.kind}) cannot be run here`));
      return;
    }
    const edges = edgesOf(node, definition);
    this.#path.push(node);
    for (const edge of edges) this.#follow(node, edge);
    this.#path.pop();
    this.ordered.push({ node, definition, edges });
  }

  #follow(node: BindingNode, { reference, needed }: Edge): void {
    const { target, text, place } = reference;
    const at = this.#path.indexOf(target);
    if (at >= 0) {
      const loop = [...this.#path.slice(at), target].map(({ name }) => `'${name}'`).join(" → ");
      this.mistakes.push(new ConfigError(place, `bindings lead in a circle: ${loop}`));
      return;
    }
    const serves = this.#definitions.get(definitionName(target))?.serves;
    if (needed === undefined)
      this.mistakes.push(new ConfigError(place, `'${node.name}' (${node.type} ${node.kind}) leads nowhere; found '${text}'`));
    else if (serves && !serves.includes(needed)) {
      this.mistakes.push(new ConfigError(place, `'${text}' serves ${portsText(serves)}, but ${needed} is needed here`));
    }
    this.add(target);
  }
}

/** Links all nodes, or says everything that is wrong with them. */
export const link = (
  nodes: readonly BindingNode[],
  linking: Linking,
): { readonly linked: readonly LinkedBinding[]; readonly mistakes: readonly ConfigError[] } => {
  const ordering = new Ordering(linking.definitions);
  for (const node of nodes) ordering.add(node);
  const parsed = ordering.ordered.map((each) => ({ ...each, config: each.definition.parse(each.node) }));
  if (ordering.mistakes.length > 0) return { linked: [], mistakes: ordering.mistakes };
  return bindAll(parsed, linking);
};

type Parsed = Ordering["ordered"][number] & { readonly config: unknown };

const bindAll = (all: readonly Parsed[], linking: Linking): ReturnType<typeof link> => {
  const served = new Map<BindingNode, Partial<Ports>>();
  const linked: LinkedBinding[] = [];
  const mistakes: ConfigError[] = [];
  for (const { node, definition, edges, config } of all) {
    const observer = linking.observer(node, definition.serves);
    try {
      const bound = definition.bind(config, exitsOf(edges, served, observer), linking.runtime(node));
      served.set(node, observedPorts(bound.ports, observer));
      linked.push({ node, serves: definition.serves, bound });
    } catch (reason) {
      if (reason instanceof ConfigErrors) mistakes.push(...reason.mistakes);
      else if (reason instanceof ConfigError) mistakes.push(reason);
      else if (!(reason instanceof ExitFailed)) throw reason;
    }
  }
  return mistakes.length > 0 ? { linked: [], mistakes } : { linked, mistakes };
};

/** An exit could not be bound, which is a mistake of its own already. */
class ExitFailed extends Error {}

const exitsOf = (edges: readonly Edge[], served: ReadonlyMap<BindingNode, Partial<Ports>>, observer: Observer): Exits => ({
  of(name, reference) {
    const edge = edges.find((each) => each.reference.text === reference);
    if (edge === undefined) throw new Error(`no exit or entry is called '${reference}'`);
    const ports = served.get(edge.reference.target);
    if (ports === undefined) throw new ExitFailed(reference);
    const port = ports[name];
    if (port === undefined) throw new ConfigError(edge.reference.place, `'${reference}' does not serve ${name}`);
    return observer.exited(name, port);
  },
});

const observedPorts = (ports: Partial<Ports>, { served }: Observer): Partial<Ports> => ({
  ...(ports.connection && { connection: served("connection", ports.connection) }),
  ...(ports.connector && { connector: served("connector", ports.connector) }),
  ...(ports.http && { http: served("http", ports.http) }),
  ...(ports.grpc && { grpc: served("grpc", ports.grpc) }),
  ...(ports.kafka && { kafka: served("kafka", ports.kafka) }),
});
