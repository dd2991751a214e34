import assert from "node:assert/strict";
import { test } from "node:test";
import type { CatalogNode } from "../../../src/config/node.ts";
import { filesystem, inline, registries } from "../../../src/resources/catalog/config.ts";
import { DIRECTORY, graphOf, mistakesOf } from "../../kit/config.ts";

const CATALOG = (catalog: string): string => `name: t\ncatalogs:\n  c: ${catalog}\n`;

const node = (catalog: string): CatalogNode => {
  const found = graphOf(CATALOG(catalog)).namespaces[0]?.catalogs[0];
  assert.ok(found);
  return found;
};

test("subjects of a filesystem catalog are files, from the folder of the configuration", () => {
  const { subjects } = filesystem.parse(node("{ type: filesystem, options: { subjects: { echo: { path: protos/echo.proto } } } }"));
  assert.deepEqual(
    [...subjects],
    [
      [
        "echo",
        { path: `${DIRECTORY}/protos/echo.proto`, written: "protos/echo.proto", place: { file: "zilla.yaml", line: 3, column: 63 } },
      ],
    ],
  );
});

test("subjects of an inline catalog are texts", () => {
  const { subjects } = inline.parse(node("{ type: inline, options: { subjects: { a: { schema: x }, b: { schema: y, version: '2' } } } }"));
  assert.deepEqual(
    [...subjects].map(([name, { version, schema }]) => [name, version, schema]),
    [
      ["a", "latest", "x"],
      ["b", "2", "y"],
    ],
  );
});

for (const { type, parse } of registries) {
  test(`a ${type} has an address`, () => {
    const { url, maxAgeSeconds } = parse(node(`{ type: ${type}, options: { url: 'http://registry:8081' } }`));
    assert.deepEqual([url, maxAgeSeconds], ["http://registry:8081", 300]);
    assert.deepEqual(
      mistakesOf(CATALOG(`{ type: ${type}, options: {} }`)).map((each) => each.replace(/^\S+ /, "")),
      ["missing 'url'"],
    );
  });
}
