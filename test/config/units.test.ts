import assert from "node:assert/strict";
import { test } from "node:test";
import { readDocuments } from "../../src/config/document.ts";
import type { Value } from "../../src/config/node.ts";
import { cidrOf, durationMs, hostPortOf, portRanges, portsOf, sizeBytes } from "../../src/config/units.ts";
import { rootValue } from "../../src/config/value.ts";

/** A value, and the mistakes that are told of it. */
const written = (text: string): { readonly value: Value; readonly mistakes: string[] } => {
  const { documents, start } = readDocuments({ file: "zilla.yaml", directory: ".", text: `v: ${text}\n` }, {});
  const mistakes: string[] = [];
  const report = { mistake: ({ message }: Error) => mistakes.push(message), warning: () => {} };
  return { value: rootValue(documents[0], start, report).at("v"), mistakes };
};

/** What comes of a text, and what is told of it. */
const read = <Result>(parse: (value: Value) => Result, text: string): readonly [Result, readonly string[]] => {
  const { value, mistakes } = written(text);
  return [parse(value), mistakes];
};

for (const [text, ms] of [
  ["500ms", 500],
  ["30s", 30_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["0s", 0],
  ["~", 7],
] as const) {
  test(`the time ${text} is ${ms} ms`, () =>
    assert.deepEqual(
      read((value) => durationMs(value, 7), text),
      [ms, []],
    ));
}

test("a time longer than a timer takes is a mistake", () => {
  assert.deepEqual(
    read((value) => durationMs(value, 7), "600h"),
    [7, ["found '600h', but at most 24 days are possible"]],
  );
});

for (const [text, bytes] of [
  ["512", 512],
  ["512B", 512],
  ["64KiB", 65_536],
  ["4MiB", 4_194_304],
  ["1GiB", 1_073_741_824],
  ["~", 7],
] as const) {
  test(`the size ${text} is ${bytes} bytes`, () =>
    assert.deepEqual(
      read((value) => sizeBytes(value, 7), text),
      [bytes, []],
    ));
}

test("a size past two gibibytes, or of nothing, is a mistake", () => {
  assert.deepEqual(
    read((value) => sizeBytes(value, 7), "3GiB"),
    [7, ["found '3GiB', but between 1B and 2GiB are possible"]],
  );
  assert.deepEqual(
    read((value) => sizeBytes(value, 7), "3000000000"),
    [7, ["found '3000000000', but between 1B and 2GiB are possible"]],
  );
  assert.deepEqual(
    read((value) => sizeBytes(value, 7), "0MiB"),
    [7, ["found '0MiB', but between 1B and 2GiB are possible"]],
  );
});

for (const [text, ports] of [
  ["7151", [7151]],
  ["'7151'", [7151]],
  ["7151-7153", [7151, 7152, 7153]],
  ["[ 1, 3-4, '4', 1 ]", [1, 3, 4]],
  ["0", [0]],
] as const) {
  test(`the ports ${text} are ${ports.join(", ")}`, () =>
    assert.deepEqual(
      read((value) => portsOf(portRanges(value)), text),
      [ports, []],
    ));
}

test("ports past 65535 and ranges downwards are mistakes", () => {
  assert.deepEqual(read(portRanges, "65530-65536")[1], ["found '65530-65536', but ports go up from 0 to 65535"]);
  assert.deepEqual(read(portRanges, "[ 9-8 ]")[1], ["found '9-8', but ports go up from 0 to 65535"]);
});

for (const [text, cidr] of [
  ["10.0.0.0/8", { text: "10.0.0.0/8", address: "10.0.0.0", prefixBits: 8, family: "ipv4" }],
  ["0.0.0.0/0", { text: "0.0.0.0/0", address: "0.0.0.0", prefixBits: 0, family: "ipv4" }],
  ["fe80::/10", { text: "fe80::/10", address: "fe80::", prefixBits: 10, family: "ipv6" }],
] as const) {
  test(`${text} is a block of addresses`, () => assert.deepEqual(read(cidrOf, text), [cidr, []]));
}

for (const text of ["10.0.0.0", "10.0.0.0/33", "::/129", "host/8", "10.0.0.0/8/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/1e1"]) {
  test(`${text} is no block of addresses`, () => assert.equal(read(cidrOf, `'${text}'`)[1].length, 1));
}

for (const [text, address] of [
  ["kafka:9092", { host: "kafka", port: 9092 }],
  ["127.0.0.1:1", { host: "127.0.0.1", port: 1 }],
  ["[::1]:9092", { host: "::1", port: 9092 }],
] as const) {
  test(`${text} is an address`, () => assert.deepEqual(read(hostPortOf, `'${text}'`), [address, []]));
}

for (const text of ["kafka", "kafka:", ":9092", "kafka:0", "kafka:65536", "a:b:1", "::1:9092", "http://kafka:9092", "a b:1"]) {
  test(`${text} is no address`, () =>
    assert.deepEqual(read(hostPortOf, `'${text}'`), [undefined, [`found '${text}', but 'host:port' is needed`]]));
}
