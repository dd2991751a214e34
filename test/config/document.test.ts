import assert from "node:assert/strict";
import { test } from "node:test";
import { readDocuments, TEXT_LENGTH_MAX } from "../../src/config/document.ts";
import { DEPTH_MAX, jsonOf, type Tree, treeAt, VALUES_MAX } from "../../src/config/tree.ts";
import { DIRECTORY, graphOf, mistakesOf, warningsOf } from "../kit/config.ts";

const read = (text: string) => readDocuments({ file: "zilla.yaml", directory: DIRECTORY, text }, {});
const only = (text: string): Tree => {
  const { documents, mistakes } = read(text);
  assert.deepEqual(mistakes.map(String), []);
  assert.equal(documents.length, 1);
  return documents[0]!;
};
const placeIn = (text: string, ...path: (string | number)[]): string => {
  const place = treeAt(only(text), path)?.place;
  return `${place?.line}:${place?.column}`;
};
const plain = (text: string): unknown => JSON.parse(JSON.stringify(jsonOf(only(text))));

test("places inside flow maps and lists are exact", () => {
  const text = "a: { b: [ 1, { c: 2 } ], d: x }\n";
  assert.equal(placeIn(text, "a"), "1:4");
  assert.equal(placeIn(text, "a", "b", 1, "c"), "1:19");
  assert.equal(placeIn(text, "a", "d"), "1:29");
});

test("places inside block maps, lists and texts are exact", () => {
  const text = "a:\n  - b: |\n      text\n    c: >-\n      folded\n  - 'quoted'\n";
  assert.equal(placeIn(text, "a", 0, "b"), "2:8");
  assert.equal(placeIn(text, "a", 0, "c"), "4:8");
  assert.equal(placeIn(text, "a", 1), "6:5");
});

test("files with CRLF have the same places and values", () => {
  const text = "a:\n  b: 1\n  c: [ x, y ]\n".replaceAll("\n", "\r\n");
  assert.equal(placeIn(text, "a", "c", 1), "3:11");
  assert.deepEqual(plain(text), { a: { b: 1, c: ["x", "y"] } });
});

test("a byte order mark counts for nothing", () => {
  assert.equal(placeIn("\uFEFFa: b\n", "a"), "1:4");
});

test("columns count as editors count, also behind letters of two units", () => {
  assert.equal(placeIn("{ a: '\u{1F600}', b: c }\n", "b"), "1:15");
});

test("an alias stands where it is used, what is inside it where it is written", () => {
  const text = "a: &x { b: 1 }\nc: *x\n";
  assert.equal(placeIn(text, "c"), "2:4");
  assert.equal(placeIn(text, "c", "b"), "1:12");
  assert.deepEqual(plain(text), { a: { b: 1 }, c: { b: 1 } });
});

test("merged maps give what is not there", () => {
  const text = "x: &x { a: 1, b: 2 }\ny: &y { c: 3 }\nz: { <<: [ *x, *y ], b: 4 }\n";
  assert.deepEqual(plain(text), { x: { a: 1, b: 2 }, y: { c: 3 }, z: { b: 4, a: 1, c: 3 } });
});

test("keys that mean something to the language are keys like others", () => {
  const text = "__proto__: { polluted: true }\nconstructor: 1\n";
  const json = jsonOf(only(text));
  assert.deepEqual(Object.keys(Object(json)), ["__proto__", "constructor"]);
  assert.equal(Object(Object.prototype)["polluted"], undefined);
});

test("a value that is not written stands at its key", () => {
  assert.equal(placeIn("a:\nb:\n", "b"), "2:1");
});

test("numbers as keys are names", () => {
  assert.deepEqual(plain("8080: x\ntrue: y\n"), { "8080": "x", true: "y" });
});

test("several documents are several namespaces, empty ones are none", () => {
  const graph = graphOf("---\nname: a\n---\n---\nname: b\n...\n");
  assert.deepEqual(
    graph.namespaces.map(({ name, place }) => [name, place.line]),
    [
      ["a", 2],
      ["b", 5],
    ],
  );
});

for (const [text, says] of [
  ["", "an empty file"],
  ["# nothing but a comment\n", "a file of comments"],
  ["---\n...\n", "an empty document"],
] as const) {
  test(`${says} is the namespace default, with nothing in it`, () => {
    assert.deepEqual(
      graphOf(text).namespaces.map(({ name, bindings }) => [name, bindings.length]),
      [["default", 0]],
    );
  });
}

for (const [says, text, expected] of [
  ["a key twice", "name: a\nbindings: {}\nname: b\n", ["3:1 this key stands twice in one map; allowed: once"]],
  ["a tab", "name: a\nbindings:\n\tx: 1\n", ["3:1 found a tab, but indentation needs blanks"]],
  ["a quote that is not closed", "name: 'a\n", ["2:1 not readable as YAML: missing closing 'quote"]],
  [
    "a list that is not closed",
    "name: [ a\n",
    ["2:1 not readable as YAML: flow sequence in block collection must be sufficiently indented and end with a ]"],
  ],
  ["a missing colon", "name: a\nbindings\n", ["2:1 found a key without ':' and value"]],
  ["a value beside its map", "name: a: b\n", ["1:7 found a map or list inside a line that is a value already; is the indentation right?"]],
  ["an alias without its anchor", "name: *x\n", ["1:7 found the alias '*x', but nothing above has the anchor '&x'"]],
  ["a text instead of a map", "hello\n", ["1:1 found 'hello', but a map is needed"]],
  ["a list instead of a map", "- name: a\n", ["1:1 found a list, but a map is needed"]],
] as const) {
  test(`${says} is a mistake at its place`, () => assert.deepEqual(mistakesOf(text), expected));
}

test("an unknown tag is warned of", () => {
  assert.deepEqual(warningsOf("name: !secret a\n"), ["1:7 not readable as YAML: unresolved tag: !secret"]);
});

test("nesting past the bound is one mistake, not a stack", () => {
  const deep = (levels: number): string => `name: a\nx: ${"[".repeat(levels)}${"]".repeat(levels)}\n`;
  assert.match(String(read(deep(DEPTH_MAX + 5)).mistakes), /^zilla\.yaml:2:\d+: nested too deeply: more than 64 levels$/);
  assert.match(String(read(deep(20_000)).mistakes), /nested too deeply/);
  assert.equal(read(deep(DEPTH_MAX - 2)).mistakes.length, 0);
});

test("an anchor that contains itself is one mistake", () => {
  assert.match(String(read("a: &x [ *x ]\n").mistakes), /^zilla\.yaml:1:\d+: nested too deeply/);
});

test("aliases of aliases are refused before they are told apart", () => {
  const bomb = ["a0: &a0 [ x, x, x, x, x, x, x, x, x, x ]"];
  for (let level = 1; level <= 9; level++) bomb.push(`a${level}: &a${level} [ ${`*a${level - 1}, `.repeat(10)} ]`);
  const started = performance.now();
  assert.match(String(read(`${bomb.join("\n")}\n`).mistakes), new RegExp(`too many values: more than ${VALUES_MAX}`));
  assert.ok(performance.now() - started < 2000);
});

test("a giant file is refused unread", () => {
  assert.match(String(read("x".repeat(TEXT_LENGTH_MAX + 1)).mistakes), /the file is larger than/);
});
