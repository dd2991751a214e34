import assert from "node:assert/strict";
import { test } from "node:test";
import { expand } from "../../src/config/expression.ts";
import { bindingOf, loadText, mistakesOf, warningsOf } from "../kit/config.ts";

test("every expression is replaced, with blanks inside or without", () => {
  const text = "${{env.HOST}}:${{ env.PORT }} ${{  env.HOST  }}";
  assert.equal(expand(text, { HOST: "kafka", PORT: "9092" }).text, "kafka:9092 kafka");
});

test("other contexts, single braces and unfinished expressions are left as they stand", () => {
  for (const text of ["${{aws.SECRET}}", "${env.X}", "${{env.X}", "${{env.}}", "$ {{env.X}}", "${{env.A B}}"]) {
    assert.equal(expand(text, { X: "x", A: "a" }).text, text);
  }
});

test("a value is not looked into again", () => {
  assert.equal(expand("${{env.A}}", { A: "${{env.B}}", B: "b" }).text, "${{env.B}}");
});

test("offsets of the expanded text are those of the file, whatever the values' lengths", () => {
  const text = "a ${{env.LONG}} b ${{env.EMPTY}} c";
  const { text: expanded, original } = expand(text, { LONG: "0123456789012345678901234567890123456789", EMPTY: "" });
  for (const letter of ["a", "b", "c"]) assert.equal(original(expanded.indexOf(letter)), text.indexOf(letter));
  assert.equal(original(expanded.indexOf("0") + 7), text.indexOf("${{env.LONG}}"));
});

const tcp = (port: string): string => `name: t
bindings:
  a: { type: tcp, kind: server, options: { host: 0.0.0.0, port: ${port} }, exit: b, exti: b }
  b: { type: echo, kind: server }
`;

test("a port from the environment is a number", () => {
  const node = bindingOf(tcp("'${{env.PORT}}'").replace(", exti: b", "").replaceAll("'", ""), "a", { PORT: "7151" });
  assert.equal(node.at("options", "port").number(), 7151);
});

test("a mistake behind an expression stands at its column of the file", () => {
  const text = tcp("${{env.PORT}}");
  const column = text.split("\n")[2]!.indexOf("exti") + 1;
  for (const PORT of ["1", "7151", "7151-7155"]) {
    assert.deepEqual(
      mistakesOf(text, { PORT }).map((each) => each.split(" ")[0]),
      [`3:${column}`],
    );
  }
});

test("an unset variable is a mistake at its place, the only one, and each is named", () => {
  const text = "name: t\nbindings:\n  a:\n    type: tcp\n    kind: client\n    options: { host: ${{env.HOST}}, port: ${{env.PORT}} }\n";
  assert.deepEqual(mistakesOf(text), [
    "6:22 the environment variable 'HOST' is not set",
    "6:43 the environment variable 'PORT' is not set",
  ]);
});

test("an unset variable in a comment is none of our business", () => {
  assert.deepEqual(mistakesOf("name: t # ${{env.NOBODY}}\n"), []);
});

test("an empty variable is empty, as with the original", () => {
  const text = "name: t\nbindings:\n  a: { type: tcp, kind: client, options: { host: ${{env.HOST}} } }\n";
  assert.deepEqual(mistakesOf(text, { HOST: "" }), ["3:44 found nothing, but a text is needed"]);
});

const sasl = (password: string): string => `name: t
bindings:
  k:
    type: kafka
    kind: client
    options:
      servers: [ "a:1" ]
      sasl: { mechanism: plain, username: u, password: ${password} }
    exit: c
  c: { type: tcp, kind: client }
`;

test("a password that reads as a number stays the text that it is", () => {
  for (const [value, read] of [
    ["0123", "0123"],
    ["1e3", "1e3"],
    ["true", "true"],
    ["abc", "abc"],
  ] as const) {
    const node = bindingOf(sasl("${{env.PASSWORD}}"), "k", { PASSWORD: value });
    assert.equal(node.at("options", "sasl", "password").string(), read);
  }
});

test("a number that the file itself writes where a text is needed is a mistake", () => {
  assert.deepEqual(mistakesOf(sasl("123")), ["8:56 found 123, but a text is needed"]);
});

test("a value that YAML cuts is warned of", () => {
  const text = "name: t\nbindings:\n  a:\n    type: tcp\n    kind: client\n    options:\n      host: ${{env.HOST}}\n";
  const cut =
    "7:13 the value of the environment variable 'HOST' is more than one YAML value here and was cut or split; put the expression in quotes";
  assert.deepEqual(warningsOf(text, { HOST: "a #b" }), [cut]);
  assert.deepEqual(warningsOf(text.replace("${{env.HOST}}", '"${{env.HOST}}"'), { HOST: "a #b" }), []);
  assert.deepEqual(warningsOf(text, { HOST: "plain.host" }), []);
});

test("values of several lines do not move the places behind them", () => {
  const text = 'name: t\ncatalogs:\n  c:\n    type: inline\n    options: { subjects: { s: { schema: "${{env.PROTO}}" } } }\nbindngs: {}\n';
  assert.deepEqual(
    loadText(text, { PROTO: "a\n     b\n     c" }).mistakes.map(({ place }) => place.line),
    [6],
  );
});
