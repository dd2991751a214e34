// For each rule a snippet that breaks it and one, as near as can be, that does not.

export interface Planted {
  readonly rule: string;
  /** Path → text. */
  readonly bad: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
}

const lines = (count: number): string => "// One of many lines.\n".repeat(count);
const body = (count: number): string => `export const long = (): void => {\n${"  work();\n".repeat(count - 2)}};\n`;
const pair = (rule: string, path: string, snippets: readonly [bad: string, good: string]): Planted => ({
  rule,
  bad: { [path]: snippets[0] },
  good: { [path]: snippets[1] },
});
/** A file that imports `specifier`, in a forbidden and in an allowed place. */
const place = (rule: string, specifier: string, paths: readonly [bad: string, good: string]): Planted => ({
  rule,
  bad: { [paths[0]]: `import "${specifier}";\n` },
  good: { [paths[1]]: `import "${specifier}";\n` },
});

export const PLANTED: readonly Planted[] = [
  pair("file-lines", "src/core/a.ts", [lines(301), lines(300)]),
  pair("function-lines", "src/core/a.ts", [body(41), body(40)]),
  pair("function-lines", "test/core/a.test.ts", [
    `test("a", () => {\n${lines(41)}});`,
    `describe("a", () => {\ntest("b", () => {});\n${lines(41)}});`,
  ]),
  pair("parameters", "src/core/a.ts", [
    "export function f(a: 1, b: 2, c: 3, d: 4) {}",
    "export class A { constructor(a: 1, b: 2, c: 3, d: 4) {} f(a: 1, b: 2, c: 3) {} }\nlisten((a, b, c, d) => a);",
  ]),
  pair("boolean-parameter", "src/core/a.ts", [
    "export const f = (deep: boolean) => deep;",
    "export const f = ({ deep }: { deep: boolean }) => deep;",
  ]),
  place("layers", "../bindings/binding.ts", ["src/core/a.ts", "src/engine/a.ts"]),
  place("layers", "../../http2/a.ts", ["src/kafka/client/b.ts", "src/bindings/http/b.ts"]),
  place("bindings-apart", "../tcp/server.ts", ["src/bindings/tls/a.ts", "src/bindings/tcp/a.ts"]),
  place("src-alone", "../../test/kit/ask.ts", ["src/core/a.ts", "examples/echo/a.ts"]),
  {
    rule: "import-cycle",
    bad: {
      "src/core/a.ts": 'import type { B } from "./b.ts";',
      "src/core/b.ts": 'import "./c.ts";',
      "src/core/c.ts": 'type A = import("./a.ts").A;',
    },
    good: { "src/core/a.ts": 'import "./b.ts"; import "./c.ts";', "src/core/b.ts": 'import "./c.ts";', "src/core/c.ts": "" },
  },
  place("tls", "node:tls", ["src/http2/a.ts", "src/bindings/tls/server.ts"]),
  place("http2", "node:http2", ["src/http2/server.ts", "test/peers/node-http2/server.ts"]),
  place("yaml", "yaml", ["src/bindings/grpc/config.ts", "src/config/load.ts"]),
  place("kafka-library", "@platformatic/kafka", ["src/bindings/kafka/client.ts", "src/kafka/client/library.ts"]),
  place("prom-client", "prom-client", ["src/core/counters.ts", "src/telemetry/prometheus.ts"]),
  pair("tls", "src/core/a.ts", ['import { connect } from "node:tls";', 'import type { TLSSocket } from "node:tls";']),
  place("wire-io", "node:net", ["src/kafka/wire/a.ts", "src/kafka/client/a.ts"]),
  place("http2-codec-io", "node:fs", ["src/http2/hpack.ts", "src/http2/connection.ts"]),
  place("lower-io", "node:fs/promises", ["src/exchange/a.ts", "src/resources/catalog.ts"]),
  pair("listeners", "src/engine/a.ts", ['import { createServer } from "node:net";', 'import { connect } from "node:net";']),
  pair("process", "src/engine/a.ts", ["if (process.env.HOME) console.log(1);", "const log = process.pid;"]),
  pair("any", "src/core/a.ts", ["const a: any = 1;", 'const a = "any"; // any']),
  pair("erasable", "src/core/a.ts", ["enum A { B }", "const enumerate = 1;"]),
  pair("erasable", "src/core/b.ts", ["class A { private a = 1; }", "class A { #a = 1; private constructor(a: 1) {} }"]),
  pair("proven-as", "src/core/a.ts", [
    "const a = 1;\nconst b = a as number;",
    "const a = 1 as const;\nconst b = a as number; // It is one.\n",
  ]),
  pair("exports", "src/core/a.ts", ['export { b } from "./b.ts";', "const b = 1;\nexport { b };"]),
  pair("exports", "src/core/a.ts", ["export default class {}", "export class A {}"]),
  pair("inheritance", "src/core/a.ts", ["class A extends EventEmitter {}", "class A extends StatusError implements B {}"]),
  pair("doc-comment", "src/flow/a.ts", [
    "// What it does.\nexport const a = 1;",
    "/** What it does. */\nexport const a = 1;\nconst b = 2;",
  ]),
  pair("ports-logic", "src/ports/a.ts", [
    "export const f = () => 1;",
    "export interface A { readonly a: 1 }\nexport const IGNORED: A = { a: 1 };",
  ]),
  pair("preamble", "src/core/a.ts", ["export const a = 1;", "// What it is.\nexport const a = 1;"]),
  pair("unfinished", "src/core/a.ts", [`// ${"TO"}${"DO"}: the rest.`, "// Everything is done."]),
  pair("names", "src/core/a.ts", ["export class CallManager {}", "export class Calls {}"]),
  {
    rule: "test-mirrors-src",
    bad: { "src/core/a.ts": "", "test/kernel/a.test.ts": "" },
    good: { "src/core/a.ts": "", "test/core/a.test.ts": "", "test/oracle/b.test.ts": "" },
  },
];
