import assert from "node:assert/strict";
import { globSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../src/cli/command.ts";
import { KNOWN_PROPERTIES, parseProperties, readProperties, unknownProperties } from "../../src/cli/properties.ts";

test("a properties file is read as Java reads it", () => {
  const content = "# comment\n! too\na=1\nb : two words\nc three\nd=a\\\n   b\ne\nf\\=g=\\u0041\\t\nempty=\n  indented = x";
  assert.deepEqual(
    [...parseProperties(content)],
    [
      ["a", "1"],
      ["b", "two words"],
      ["c", "three"],
      ["d", "ab"],
      ["e", ""],
      ["f=g", "A\t"],
      ["empty", ""],
      ["indented", "x"],
    ],
  );
});

test("flags win over the file, and a name alone means true", () => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-"));
  writeFileSync(join(directory, "p"), "a=1\nb=2\n");
  const properties = readProperties("p", ["b=3", "c"], directory);
  assert.deepEqual(Object.fromEntries(properties), { a: "1", b: "3", c: "true" });
});

test("a named file that is missing is a mistake, the default one is not", () => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-"));
  assert.throws(() => readProperties("missing", [], directory), UsageError);
  assert.equal(readProperties(undefined, [], directory).size, 0);
});

test("a property without an effect is said, with the nearest that has one", () => {
  const said = unknownProperties(
    new Map([
      ["zilla.engine.directori", "x"],
      ["zilla.engine.directory", "y"],
      ["zilla.binding.mqtt.x", "1"],
    ]),
  );
  assert.deepEqual(said, [
    "property zilla.engine.directori has no effect here; did you mean zilla.engine.directory?",
    "property zilla.binding.mqtt.x has no effect here",
  ]);
});

test("the properties that are said to have an effect are those that are read, and each is tested", () => {
  const root = new URL("../../", import.meta.url);
  const textOf = (pattern: string, without: string): string =>
    globSync(pattern, { cwd: root })
      .filter((file) => file !== without)
      .map((file) => readFileSync(new URL(file, root), "utf8"))
      .join("\n");
  const namesIn = (text: string): string[] =>
    [...new Set(text.match(/"zilla\.(?:engine|binding)\.[a-z.]+"/g))].map((name) => name.slice(1, -1)).sort();
  const known = Object.keys(KNOWN_PROPERTIES).sort();
  assert.deepEqual(namesIn(textOf("src/**/*.ts", "src/cli/properties.ts")), known);
  const tests = textOf("test/**/*.ts", "test/cli/properties.test.ts");
  assert.deepEqual(
    known.filter((name) => !tests.includes(name)),
    [],
  );
});
