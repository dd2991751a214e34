import assert from "node:assert/strict";
import { test } from "node:test";
import { mistakesOf } from "../../kit/config.ts";

const TOPIC = (value: string): string => `name: t
catalogs:
  c: { type: schema-registry, options: { url: 'http://registry:8081' } }
bindings:
  s: { type: kafka, kind: cache_server, options: { topics: [ { name: a, value: ${value} } ] }, exit: k }
  k: { type: kafka, kind: client, exit: t }
  t: { type: tcp, kind: client }
`;

for (const model of [
  "string",
  "int32",
  "bytes",
  "{ model: string, encoding: utf_8, minLength: 1 }",
  "{ model: int64, format: binary, range: '[0,10)' }",
  "{ model: json, catalog: { c: [ { strategy: topic, version: latest } ] } }",
  "{ model: avro, view: json, validate: lenient, catalog: { c: [ { id: 7 } ] } }",
  "{ model: protobuf, validate: { decode: strict, encode: lenient }, catalog: { c: [ { subject: a, record: M } ] } }",
]) {
  test(`${model} is a model`, () => assert.deepEqual(mistakesOf(TOPIC(model)), []));
}

const SHORT = "string, int32, int64, float, double, boolean, bytes";

for (const [model, message] of [
  ["strin", `found 'strin', but a map with 'model', or one of ${SHORT} is needed`],
  ["json", `found 'json', but a map with 'model', or one of ${SHORT} is needed`],
  ["7", `found 7, but a map with 'model', or one of ${SHORT} is needed`],
  [
    "{ model: jsn }",
    "found 'jsn', no such value here; did you mean 'json'? allowed: protobuf, json, avro, string, int32, int64, float, double, boolean, bytes",
  ],
  ["{ modle: json }", "missing 'model'; allowed: protobuf, json, avro, string, int32, int64, float, double, boolean, bytes"],
  ["{ model: json }", "missing 'catalog'"],
  [
    "{ model: string, minLenght: 1 }",
    "found 'minLenght', no such key here; did you mean 'minLength'? allowed: encoding, maxLength, minLength, model, pattern, validate",
  ],
  ["{ model: string, validate: lax }", "found 'lax', no such value here; allowed: strict, lenient"],
] as const) {
  test(`${model} is one mistake`, () =>
    assert.deepEqual(
      mistakesOf(TOPIC(model)).map((each) => each.replace(/^\S+ /, "")),
      [message],
    ));
}
