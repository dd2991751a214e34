// What a file may say and this program does not do yet, as data: what is built later is deleted here. Where leaving it out would
// let somebody in, or change what is delivered, a start is refused; else it is said once.
import type { Graph } from "./graph.ts";
import type { BindingNode, Value } from "./node.ts";
import { byPlace, ConfigError, type Place, type Warning } from "./place.ts";

/** One occurrence in a file. */
interface Found {
  readonly place: Place;
  readonly message: string;
}

interface Unbuilt {
  readonly name: string;
  readonly outcome: "refuse" | "warn";
  find(graph: Graph): readonly Found[];
}

const at = (value: Value, message: string): readonly Found[] => (value.present ? [{ place: value.keyPlace, message }] : []);

const bindings = (graph: Graph, type: string): readonly BindingNode[] => graph.bindings.filter((node) => node.type === type);

/** Guards that hold values and verify nothing: built, since kafka clients take credentials from them. */
export const HOLDERS: readonly string[] = ["inline", "identity"];

const guardedRoutes = (graph: Graph): readonly Found[] =>
  graph.bindings
    .filter(({ type }) => type !== "kafka-grpc")
    .flatMap((node) => node.at("routes").items())
    .filter((route) => route.at("guarded").entries().length > 0)
    .flatMap((route) => at(route.at("guarded"), "guards are not built yet, and without them this route would be open to everybody"));

const topicModels = (graph: Graph): readonly Found[] =>
  bindings(graph, "kafka")
    .flatMap((node) => node.at("options", "topics").items())
    .flatMap((topic) =>
      ["key", "value"].flatMap((lane) =>
        at(topic.at(lane), "models are not built yet, and without them records would not be checked or converted"),
      ),
    );

const saslSessions = (graph: Graph): readonly Found[] =>
  bindings(graph, "kafka").flatMap((node) => {
    const credentials = node.at("options", "authorization").entries()[0]?.[1].at("credentials");
    const holds = node.authorizations.every(({ target }) => HOLDERS.includes(target.type));
    if (!credentials || holds) return [];
    const taken = ["username", "password", "token"].filter((key) =>
      /^\{(identity|credentials)\}$/.test(credentials.at(key).string() ?? ""),
    );
    return taken.flatMap((key) => at(credentials.at(key), "credentials from a caller's session are not built yet"));
  });

const saslMechanisms = (graph: Graph): readonly Found[] =>
  bindings(graph, "kafka").flatMap((node) => {
    const credentials = node.at("options", "authorization").entries()[0]?.[1].at("credentials");
    return [node.at("options", "sasl", "mechanism"), ...(credentials ? [credentials.at("mechanism")] : [])]
      .filter((mechanism) => ["scram-sha-1", "oauthbearer"].includes(mechanism.string() ?? ""))
      .flatMap((mechanism) => at(mechanism, `the mechanism ${mechanism.string()} is not built yet`));
  });

/** Catalogs that a binding takes its methods from, and that are asked over the network. */
const REGISTRY = /registry|karapace|apicurio/;
const registriesInUse = (graph: Graph): readonly Found[] =>
  bindings(graph, "grpc")
    .filter(({ kind }) => kind === "server")
    .flatMap(({ catalogs }) => catalogs)
    .filter(({ catalog }) => REGISTRY.test(catalog.target.type))
    .map(({ catalog }) => ({
      place: catalog.place,
      message: `catalogs of type ${catalog.target.type} are not built yet, and without it no method is known`,
    }));

const ofNamespaces = (
  graph: Graph,
  section: "guards" | "exporters" | "stores" | "vaults" | "catalogs",
): Graph["bindings"][number]["value"][] => graph.namespaces.flatMap((namespace) => namespace[section].map(({ value }) => value));

const usedGuards = (graph: Graph): ReadonlySet<string> =>
  new Set(
    graph.bindings.flatMap((node) => [
      ...node.routes.flatMap(({ guarded }) => guarded.map(({ guard }) => guard.target.qualified)),
      ...node.authorizations.map(({ target }) => target.qualified),
    ]),
  );

/** Client certificates of a tls route that are chosen by who calls. */
const sessionCertificates = (graph: Graph): readonly Found[] =>
  bindings(graph, "tls")
    .flatMap((node) => node.at("routes").items())
    .flatMap((route) => route.at("with", "certificate", "subject").entries())
    .filter(([, subject]) => subject.string()?.includes("${guarded") ?? false)
    .flatMap(([, subject]) => at(subject, "a client certificate chosen by a caller's session is not built yet"));

const UNBUILT: readonly Unbuilt[] = [
  { name: "guarded routes", outcome: "refuse", find: guardedRoutes },
  {
    name: "http authorization",
    outcome: "refuse",
    find: (graph) =>
      bindings(graph, "http").flatMap((node) =>
        at(
          node.at("options", "authorization"),
          node.kind === "server"
            ? "authorization is not built yet, and without it nobody would be asked for credentials"
            : "authorization is not built yet, and without it requests would carry no credentials",
        ),
      ),
  },
  {
    name: "http request models",
    outcome: "refuse",
    find: (graph) =>
      bindings(graph, "http").flatMap((node) =>
        at(node.at("options", "requests"), "models are not built yet, and without them requests would not be checked"),
      ),
  },
  {
    name: "http/1.1 of clients",
    outcome: "refuse",
    find: (graph) =>
      bindings(graph, "http").flatMap((node) => {
        if (node.kind !== "client") return [];
        const versions = node.at("options", "versions");
        return versions.present && !versions.strings().includes("h2")
          ? at(versions, "HTTP/1.1 of clients is not built yet; 'h2' is needed among the versions")
          : [];
      }),
  },
  {
    name: "tls authorization",
    outcome: "refuse",
    find: (graph) =>
      bindings(graph, "tls").flatMap((node) =>
        at(node.at("options", "authorization"), "authorization is not built yet, and without it certificates would not be looked at"),
      ),
  },
  { name: "certificates by session", outcome: "refuse", find: sessionCertificates },
  {
    name: "tls proxies",
    outcome: "refuse",
    find: (graph) =>
      bindings(graph, "tls").flatMap((node) =>
        node.kind === "proxy" ? [{ place: node.keyPlace, message: "tls proxies are not built yet" }] : [],
      ),
  },
  {
    name: "revocation lists",
    outcome: "refuse",
    find: (graph) =>
      ofNamespaces(graph, "vaults").flatMap((vault) =>
        vault.at("options", "revocation").string() === "crl"
          ? at(
              vault.at("options", "revocation"),
              "revocation lists are not built yet, and without them revoked certificates would be accepted",
            )
          : [],
      ),
  },
  { name: "models of topics", outcome: "refuse", find: topicModels },
  {
    name: "transforms of topics",
    outcome: "refuse",
    find: (graph) =>
      bindings(graph, "kafka")
        .flatMap((node) => node.at("options", "topics").items())
        .flatMap((topic) =>
          at(topic.at("transforms"), "transforms are not built yet, and without them records would have other keys and headers"),
        ),
  },
  { name: "credentials from sessions", outcome: "refuse", find: saslSessions },
  { name: "mechanisms", outcome: "refuse", find: saslMechanisms },
  { name: "schema registries", outcome: "refuse", find: registriesInUse },
  {
    name: "guards",
    outcome: "warn",
    find: (graph) => {
      const used = usedGuards(graph);
      return graph.namespaces
        .flatMap(({ guards }) => guards)
        .filter((guard) => !HOLDERS.includes(guard.type) && !used.has(guard.qualified))
        .map(({ keyPlace, type }) => ({ place: keyPlace, message: `guards of type ${type} are not built yet; this one is used nowhere` }));
    },
  },
  {
    name: "stores",
    outcome: "warn",
    find: (graph) =>
      ofNamespaces(graph, "stores").map(({ keyPlace }) => ({ place: keyPlace, message: "stores are not built yet; nothing is kept" })),
  },
  {
    name: "otlp",
    outcome: "warn",
    find: (graph) =>
      ofNamespaces(graph, "exporters")
        .filter((exporter) => exporter.at("type").string() === "otlp")
        .map(({ keyPlace }) => ({ place: keyPlace, message: "the otlp exporter is not built yet; nothing is sent" })),
  },
  {
    name: "labels of http metrics",
    outcome: "warn",
    find: (graph) =>
      graph.bindings.flatMap((node) => at(node.at("telemetry", "attributes"), "labels of http metrics are not built yet; there are none")),
  },
];

const unserved = ({ unserved: nodes }: Graph): readonly Found[] =>
  nodes.map((node) => ({
    place: node.place("type"),
    message: `bindings of type ${node.type} are not served here; take '${node.name}' out, or run it elsewhere`,
  }));

export interface NotBuilt {
  /** A start is refused with these. */
  readonly refusals: readonly ConfigError[];
  readonly warnings: readonly Warning[];
}

/** What of a checked file cannot be run here. */
export const unbuilt = (graph: Graph): NotBuilt => {
  const found = (outcome: Unbuilt["outcome"]): readonly Found[] =>
    UNBUILT.filter((each) => each.outcome === outcome).flatMap(({ find }) => find(graph));
  const refused = [...unserved(graph), ...found("refuse")].toSorted(byPlace);
  return {
    refusals: refused.map(({ place, message }) => new ConfigError(place, message)),
    warnings: found("warn").toSorted(byPlace),
  };
};
