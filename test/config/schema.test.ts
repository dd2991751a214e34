import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { documentSchema, frameSchema } from "../../src/config/base.ts";
import { readDocuments } from "../../src/config/document.ts";
import { ourKeys } from "../../src/config/ours.ts";
import { ANNOTATIONS, type Schema } from "../../src/config/schema.ts";
import { jsonOf } from "../../src/config/tree.ts";
import { parts } from "../../src/engine/parts.ts";
import { changed, WHOLE } from "./whole.ts";

const schema = documentSchema(parts);
const accepts = new Ajv2020({ strict: false, inlineRefs: false, code: { optimize: false }, formats: { regex: true } }).compile(schema);
/** As an editor sees it: expressions are still there. */
const unexpanded = (text: string): unknown => jsonOf(readDocuments({ file: "zilla.yaml", directory: ".", text }, {}).documents[0]!);

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;
const each = (value: unknown, visit: (schema: Schema) => void): void => {
  if (!isSchema(value)) return;
  if (!Array.isArray(value)) visit(value);
  for (const inner of Object.values(value)) each(inner, visit);
};

test("the schema for editors is one of 2020-12, and ajv finds nothing wrong with it", () => {
  assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
});

test("the schema for editors accepts the whole configuration", () => {
  assert.ok(accepts(unexpanded(WHOLE)), JSON.stringify(accepts.errors));
});

test("the schema for editors refuses misspelt keys, values and types", () => {
  for (const [from, to] of [
    ["exit: tls_in", "exti: tls_in"],
    ["acks: leader_only\n", "acks: leader\n"],
    ["type: grpc-kafka", "type: grcp-kafka"],
    ["kind: cache_server", "kind: cash_server"],
    ["max-age: 60", "max-age: soon"],
    ["capability: fetch", "capability: fetsh"],
  ] as const) {
    assert.ok(!accepts(unexpanded(changed(from, to))), to);
  }
});

test("the schema for editors takes expressions wherever a number or one of a few texts is asked for", () => {
  for (const [from, to] of [
    ["port: 7190", "port: '${{env.PORT}}'"],
    ["acks: leader_only\n", "acks: ${{env.ACKS}}\n"],
    ["max-age: 60", "max-age: '${{env.AGE}}'"],
    ["extensions: false", "extensions: '${{env.EXTENSIONS}}'"],
    ["timeout: 20s", "timeout: ${{env.TIMEOUT}}"],
  ] as const) {
    assert.ok(
      accepts(
        JSON.parse(JSON.stringify(unexpanded(changed(from, to)), undefined).replaceAll(/[\uF8F0-\uF8F1]\d*[\uF8F1]?/g, "$${{env.X}}")),
      ),
      to,
    );
  }
});

test("the schema for editors holds none of our annotations", () => {
  each(schema, (found) => {
    const keys = Object.keys(found).filter((key) => Object.hasOwn(ANNOTATIONS, key) && !isSchema(found[key]));
    assert.deepEqual(keys, []);
  });
});

test("every key has a description for editors", () => {
  each(schema, (found) => {
    const properties = found["properties"];
    if (!isSchema(properties) || found["additionalProperties"] !== false) return;
    for (const [key, value] of Object.entries(properties)) {
      const told = isSchema(value) && ("description" in value || "$ref" in value || "const" in value);
      assert.ok(told, `'${key}' of '${found["description"]}'`);
    }
  });
});

test("no union of the fragments is without a sentence of its own", () => {
  const fragments = [
    frameSchema(parts),
    ...[...parts.bindings, ...parts.guards, ...parts.vaults, ...parts.catalogs, ...parts.exporters].map((part) => part.schema),
  ];
  each(fragments, (found) => {
    if (!("anyOf" in found) && !("oneOf" in found) && !("not" in found)) return;
    assert.ok("wanted" in found || "otherwise" in found || !Array.isArray(found["anyOf"]), JSON.stringify(found));
    assert.ok(!("oneOf" in found), JSON.stringify(found));
  });
});

test("the table of our own keys is what the schemas say", () => {
  const keys = ourKeys(parts, frameSchema(parts));
  const rows = keys.map(({ where, key, fallback, meaning }) =>
    `| ${where} | \`${key}\` | ${fallback ?? ""} | ${meaning} |`.replaceAll(/ +/g, " "),
  );
  const readme = readFileSync(new URL("../../src/config/README.md", import.meta.url), "utf8");
  const table = readme.split("\n").flatMap((line) => (/^\| [^|]+ \| `/.test(line) ? [line.replaceAll(/ +/g, " ")] : []));
  assert.deepEqual(table, rows);
});
