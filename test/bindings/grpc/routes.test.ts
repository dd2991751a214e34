// Which routes a method may take, and which of them a call does; how new methods of a catalog are noticed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CATALOG_ASK_MS, Methods } from "../../../src/bindings/grpc/methods.ts";
import { routed, routesOf } from "../../../src/bindings/grpc/routes.ts";
import type { MetadataCondition } from "../../../src/config/conditions.ts";
import { patternOf } from "../../../src/config/pattern.ts";
import { ConfigError } from "../../../src/config/place.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { logTo } from "../../../src/core/log.ts";
import type { Grpc, Metadata } from "../../../src/ports/grpc.ts";
import { IGNORED } from "../../../src/ports/service.ts";
import type { Services } from "../../../src/resources/catalog.ts";
import { ManualClock } from "../../kit/clock.ts";

const exit: Grpc = () => IGNORED;
const condition = (name: string, text: string): MetadataCondition => ({ name, text, bytes: utf8(text) });

const patterns: readonly (readonly [pattern: string, name: string, matches: boolean])[] = [
  ["example.EchoService/*", "example.EchoService/EchoUnary", true],
  ["example.EchoService/*", "exampleXEchoService/EchoUnary", false],
  ["example.*/Echo*", "example.EchoService/EchoUnary", true],
  ["example.*/Echo*", "example.EchoService/Unary", false],
  ["*", "a/b", true],
  ["{service}/Echo", "a.B/Echo", true],
  ["{service}/Echo", "/Echo", false],
  ["a.B/Echo", "a.B/Echo", true],
  ["a.B/Echo", "a.B/EchoUnary", false],
  ["a.B/(x|y)", "a.B/x", false],
];
for (const [pattern, name, matches] of patterns)
  test(`the pattern ${pattern} ${matches ? "takes" : "does not take"} ${name}`, () => {
    const [service = "", method = ""] = name.split("/");
    assert.equal(routesOf([{ to: exit, when: [{ method: patternOf(pattern), metadata: [] }] }], service, method).length, matches ? 1 : 0);
  });

const when = [
  { method: patternOf("a.B/*"), metadata: [condition("x", "1"), condition("y", "2")] },
  { method: patternOf("a.B/C"), metadata: [condition("z", "3")] },
  { method: patternOf("other/*"), metadata: [] },
];
const calls: readonly (readonly [claim: string, method: string, metadata: Metadata, taken: boolean])[] = [
  [
    "all metadata of one entry",
    "C",
    [
      ["y", "2"],
      ["x", "1"],
    ],
    true,
  ],
  ["some of them", "C", [["x", "1"]], false],
  ["none of them", "C", [], false],
  [
    "a wrong one among them",
    "C",
    [
      ["x", "1"],
      ["y", "3"],
    ],
    false,
  ],
  ["another entry of the same method", "C", [["z", "3"]], true],
  ["an entry of another method", "D", [["z", "3"]], false],
  ["binary metadata without padding", "C", [["z-bin", "Mw"]], true],
  ["binary metadata of other bytes", "C", [["z-bin", "NA"]], false],
];
for (const [claim, method, metadata, taken] of calls)
  test(`a route ${taken ? "takes" : "does not take"} a call with ${claim}`, () => {
    assert.equal(routed(routesOf([{ to: exit, when }], "a.B", method), metadata), taken ? exit : undefined);
  });

test("routes behind one that takes every call of a method are not looked at", () => {
  const routes = [
    { to: exit, when },
    { to: exit, when: [] },
    { to: exit, when: [] },
  ];
  assert.equal(routesOf(routes, "a.B", "C").length, 2);
  assert.equal(routesOf(routes, "none", "C").length, 1);
});

const services = (...methods: readonly string[]): Services =>
  new Map([["a.B", new Map(methods.map((name) => [name, { requestStream: false, responseStream: false }]))]]);

test("a subject is asked at most once a second, and what is new in it counts", () => {
  const clock = new ManualClock();
  let asked = 0;
  let current = services("Old");
  const subject = () => {
    asked += 1;
    return current;
  };
  const methods = new Methods({ subjects: [subject], routes: [{ to: exit, when: [] }], clock, log: logTo(() => {}, "error") });
  assert.equal(methods.find("/a.B/Old"), methods.find("/a.B/Old"));
  assert.equal(asked, 1);
  current = services("New");
  assert.equal(methods.find("/a.B/New"), undefined);
  clock.advance(CATALOG_ASK_MS);
  assert.equal(methods.find("/a.B/New")?.method, "New");
  assert.equal(methods.find("/a.B/Old"), undefined);
  assert.equal(asked, 2);
});

test("a subject that breaks later keeps its methods, and that is said once", () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  let broken = false;
  const subject = () => {
    if (broken) throw new ConfigError({ file: "a.proto", line: 2, column: 3 }, "found 'x'");
    return services("A");
  };
  const methods = new Methods({ subjects: [subject], routes: [], clock, log: logTo((line) => lines.push(line), "warn") });
  broken = true;
  for (let i = 0; i < 3; i++) {
    clock.advance(CATALOG_ASK_MS);
    assert.equal(methods.find("/a.B/A")?.service, "a.B");
  }
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /a\.proto:2:3: found 'x'/);
});

test("a subject that is broken from the start is a mistake", () => {
  const subject = () => {
    throw new ConfigError({ file: "a.proto", line: 2, column: 3 }, "found 'x'");
  };
  assert.throws(
    () => new Methods({ subjects: [subject], routes: [], clock: new ManualClock(), log: logTo(() => {}, "error") }),
    ConfigError,
  );
});
