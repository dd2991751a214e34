// Rules of which module of Node, and which package, is used where.
import { type Identifier, type Node, type PropertyAccessExpression, SyntaxKind } from "typescript/unstable/ast";
import { type Import, importsOf } from "./imports.ts";
import type { Finding, Rule } from "./rule.ts";
import { lineOf, type Source, startOf, textOf, walk } from "./source.ts";

const inSrc = ({ path }: Source): boolean => path.startsWith("src/");
const within = (path: string, places: readonly string[]): boolean => places.some((place) => path === place || path.startsWith(place));

interface Confined {
  readonly name: string;
  readonly modules: RegExp;
  /** Folders (with a slash at the end) and files. */
  readonly to: readonly string[];
  readonly reason: string;
}

/** Node's types are words for what a value is; naming one opens nothing. */
const loads = ({ specifier, typesOnly }: Import): boolean => !(typesOnly && specifier.startsWith("node:"));

/** A module that only some folders may import. */
const confined = ({ name, modules, to, reason }: Confined): Rule => ({
  name,
  reason,
  find: (sources) =>
    sources.filter(inSrc).flatMap((source) =>
      importsOf(source)
        .filter((of) => modules.test(of.specifier) && loads(of) && !within(source.path, to))
        .map(({ line, specifier }): Finding => ({ path: source.path, line, what: `imports ${specifier}` })),
    ),
});

interface Pure {
  readonly name: string;
  readonly folders: readonly string[];
  readonly reason: string;
}

const IO =
  /^node:(net|tls|http|https|http2|fs|fs\/promises|dgram|dns|child_process|worker_threads|cluster|timers|timers\/promises|readline)$/;
const withoutIo = ({ name, folders, reason }: Pure): Rule => ({
  name,
  reason,
  find: (sources) =>
    sources
      .filter(({ path }) => within(path, folders))
      .flatMap((source) =>
        importsOf(source)
          .filter((of) => IO.test(of.specifier) && loads(of))
          .map(({ line, specifier }): Finding => ({ path: source.path, line, what: `imports ${specifier}` })),
      ),
});

interface Forbidden {
  readonly name: string;
  readonly reason: string;
  /** Folders and files where it may be. */
  readonly to: readonly string[];
  /** What was found, or undefined. */
  readonly is: (source: Source, node: Node) => string | undefined;
}

const forbidden = ({ name, reason, to, is }: Forbidden): Rule => ({
  name,
  reason,
  find: (sources) =>
    sources
      .filter((source) => inSrc(source) && !within(source.path, to))
      .flatMap((source) => {
        const findings: Finding[] = [];
        walk(source.tree, (node) => {
          const what = is(source, node);
          if (what !== undefined) findings.push({ path: source.path, line: lineOf(source, startOf(source, node)), what });
        });
        return findings;
      }),
});

const accessOf = (source: Source, node: Node): string | undefined =>
  node.kind === SyntaxKind.PropertyAccessExpression ? textOf(source, node) : undefined;

const OPENERS = /^(createServer|createSecureServer)$/;
const opensListener = (node: Node): string | undefined => {
  if (node.kind === SyntaxKind.Identifier && OPENERS.test((node as Identifier).text)) return (node as Identifier).text; // Its kind says so.
  const isAccess = node.kind === SyntaxKind.PropertyAccessExpression;
  const member = isAccess ? (node as PropertyAccessExpression).name.text : ""; // Its kind says so.
  return OPENERS.test(member) ? member : undefined;
};

export const MODULES: readonly Rule[] = [
  confined({
    name: "tls",
    modules: /^node:tls$/,
    to: ["src/bindings/tls/", "src/resources/vault", "src/broker/", "src/kafka/client/"],
    reason:
      "node:tls only in bindings/tls, resources/vault, broker and the library's options in kafka/client: keys and trust are looked after in one place",
  }),
  confined({
    name: "http2",
    modules: /^node:http2$/,
    to: [],
    reason: "no node:http2: HTTP/2 is our own, and the tests need somebody who is not to hold it to",
  }),
  confined({
    name: "yaml",
    modules: /^yaml$/,
    to: ["src/config/"],
    reason: "only config/ sees YAML: everybody else is given checked values with places",
  }),
  confined({
    name: "kafka-library",
    modules: /^@platformatic\/kafka/,
    to: ["src/kafka/client/"],
    reason: "the Kafka library is behind one folder, loaded lazily there: it costs half a second to import and may be replaced",
  }),
  confined({
    name: "prom-client",
    modules: /^prom-client$/,
    to: ["src/telemetry/"],
    reason: "counters are plain numbers; only the exporter knows Prometheus",
  }),
  withoutIo({ name: "wire-io", folders: ["src/kafka/wire/"], reason: "kafka/wire does no I/O: a codec is tested with bytes alone" }),
  withoutIo({
    name: "http2-codec-io",
    folders: ["src/http2/frame", "src/http2/hpack", "src/http2/huffman"],
    reason: "HTTP/2's codecs do no I/O: a codec is tested with bytes alone",
  }),
  withoutIo({
    name: "lower-io",
    folders: ["src/core/", "src/ports/", "src/flow/", "src/exchange/", "src/kafka/log/"],
    reason:
      "core, ports, flow, exchange and kafka/log open nothing: sockets, files and timers stay with their owners, and time is asked of a Clock",
  }),
  forbidden({
    name: "listeners",
    reason:
      "listeners only in bindings/tcp, broker, admin and the exporters: what a process opens is found in four places (http2/, bindings/http and bindings/tls are given connections, and open none)",
    to: ["src/bindings/tcp/", "src/broker/", "src/admin/", "src/telemetry/", "src/http2/", "src/bindings/http/", "src/bindings/tls/"],
    is: (_, node) => opensListener(node),
  }),
  forbidden({
    name: "process",
    reason:
      "process.env, process.exit and console only in cli/, config/expression and core/log: the rest can run twice in one process, and in tests",
    to: ["src/cli/", "src/config/expression.ts", "src/core/log.ts"],
    is: (source, node) => /^(process\.(env|exit|exitCode|argv|stdout|stderr|stdin)|console\.\w+)$/.exec(accessOf(source, node) ?? "")?.[0],
  }),
];
