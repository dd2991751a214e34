// Metadata to headers and back: order, duplicates, binary values, and what is never written.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1 } from "../../src/core/bytes.ts";
import { headersMetadata, metadataHeaders, valueBytes } from "../../src/exchange/metadata.ts";
import type { Metadata } from "../../src/ports/grpc.ts";
import { headed, headersOf } from "./headed.ts";

const written = (metadata: Metadata, named?: ReadonlySet<string>) =>
  metadataHeaders(metadata, named).map(({ name, value }) => [name, value === null ? null : latin1(value)]);

for (const [what, metadata, headers] of [
  ["nothing", [], []],
  [
    "in the order received, binary text as it came",
    [
      ["custom-bin", "dGVzdA=="],
      ["idempotency-key", "K"],
    ],
    [
      ["meta:custom-bin", "dGVzdA=="],
      ["meta:idempotency-key", "K"],
    ],
  ],
  ["binary text without padding as it came", [["custom-bin", "dGVzdA"]], [["meta:custom-bin", "dGVzdA"]]],
  [
    "a name that comes again at its first place",
    [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["a", ""],
    ],
    [
      ["meta:a", "1, 3, "],
      ["meta:b", "2"],
    ],
  ],
  ["an empty value", [["a", ""]], [["meta:a", ""]]],
  [
    "no credentials",
    [
      ["authorization", "x"],
      ["cookie", "y"],
      ["a", "z"],
    ],
    [["meta:a", "z"]],
  ],
  [
    "nothing of gRPC's own",
    [
      ["grpc-timeout", "1S"],
      ["grpc-anything", "x"],
      ["grpcx", "y"],
    ],
    [["meta:grpcx", "y"]],
  ],
  ["but the details of an error", [["grpc-status-details-bin", "CAk="]], [["meta:grpc-status-details-bin", "CAk="]]],
  [
    "nothing of one connection",
    [
      "te",
      "connection",
      "keep-alive",
      "transfer-encoding",
      "upgrade",
      "proxy-authorization",
      "content-type",
      "user-agent",
      "host",
      ":path",
    ].map((name): [string, string] => [name, "x"]),
    [],
  ],
] as const satisfies readonly (readonly [string, Metadata, readonly (readonly [string, string])[]])[]) {
  test(`metadata is written: ${what}`, () => assert.deepEqual(written(metadata), headers));
}

test("a route that names metadata gets it although it is a credential", () => {
  const metadata: Metadata = [
    ["authorization", "Bearer x"],
    ["cookie", "y"],
  ];
  assert.deepEqual(written(metadata, new Set(["authorization"])), [["meta:authorization", "Bearer x"]]);
});

test("a value's bytes are those that were received", () => {
  assert.deepEqual([...valueBytes("\u00fc\u00ff")], [0xfc, 0xff]);
  assert.deepEqual(valueBytes("a\u00fc\u20ac"), new TextEncoder().encode("a\u00fc\u20ac"));
});

for (const [what, headers, metadata, dropped] of [
  [
    "in order, others left out",
    [
      ["zilla:status", "0"],
      ["meta:b", "1"],
      ["meta:a", "2"],
    ],
    [
      ["b", "1"],
      ["a", "2"],
    ],
    [],
  ],
  ["names in lower case", [["meta:customProperty-bin", "dGVzdA=="]], [["customproperty-bin", "dGVzdA=="]], []],
  [
    "duplicates kept",
    [
      ["meta:a", "1"],
      ["meta:a", "2"],
    ],
    [
      ["a", "1"],
      ["a", "2"],
    ],
    [],
  ],
  ["joined text left joined", [["meta:a", "1, 2"]], [["a", "1, 2"]], []],
  [
    "joined binary values apart",
    [["meta:a-bin", "dGVzdA==, AQ"]],
    [
      ["a-bin", "dGVzdA=="],
      ["a-bin", "AQ"],
    ],
    [],
  ],
  ["spaces around trimmed", [["meta:a", " x\t"]], [["a", "x"]], []],
  ["empty", [["meta:a", ""]], [["a", ""]], []],
  ["an empty binary value", [["meta:a-bin", ""]], [["a-bin", ""]], []],
  [
    "gRPC's and HTTP's own left out",
    [
      ["meta:grpc-status", "0"],
      ["meta:Content-Type", "x"],
      ["meta:TE", "x"],
    ],
    [],
    [],
  ],
  ["the details of an error kept", [["meta:grpc-status-details-bin", "CAk"]], [["grpc-status-details-bin", "CAk"]], []],
  ["a null value dropped", [["meta:a", null]], [], ["a"]],
  ["a name with a space dropped", [["meta:a b", "x"]], [], ["a b"]],
  ["no name dropped", [["meta:", "x"]], [], [""]],
  ["a pseudo header dropped", [["meta::path", "/"]], [], [":path"]],
  ["a name outside ASCII dropped", [["meta:\u00fc", "x"]], [], ["\u00fc"]],
  ["a line break dropped", [["meta:a", "x\r\nset-cookie: y"]], [], ["a"]],
  ["a zero byte dropped", [["meta:a", "x\u0000"]], [], ["a"]],
  [
    "a binary value that is no base64 dropped",
    [
      ["meta:a-bin", "\u0001\u0002"],
      ["meta:b", "1"],
    ],
    [["b", "1"]],
    ["a-bin"],
  ],
] as const) {
  test(`headers are read: ${what}`, () => {
    const seen: string[] = [];
    const read = headersMetadata(headed(headersOf(headers)), { dropped: (name) => seen.push(name) });
    assert.deepEqual(read, metadata);
    assert.deepEqual(seen, dropped);
  });
}

test("a range counts meta headers, also those that are dropped", () => {
  const record = headed(
    headersOf([
      ["meta:a", "1"],
      ["x", "y"],
      ["meta:b b", "2"],
      ["meta:c", "3"],
    ]),
  );
  assert.deepEqual(headersMetadata(record, { to: 2 }), [["a", "1"]]);
  assert.deepEqual(headersMetadata(record, { from: 2 }), [["c", "3"]]);
});

const NAME_CHARACTERS = [..."abcdefghijklmnopqrstuvwxyz0123456789_.-"];
const name = fc.string({ unit: fc.constantFrom(...NAME_CHARACTERS), minLength: 1, maxLength: 20 });
const entry = fc.oneof(
  fc.tuple(
    name.filter((one) => !one.endsWith("-bin")).map((one) => `x${one}`),
    fc.string({ unit: "grapheme-ascii" }).map((value) => value.trim()),
  ),
  fc.tuple(
    name.map((one) => `x${one}-bin`),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64")),
  ),
);

test("metadata without duplicates comes back as it was", () => {
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ([one]) => one }), (metadata) => {
      assert.deepEqual(headersMetadata(headed(metadataHeaders(metadata))), metadata);
    }),
  );
});

test("no headers make the reader throw, and what it gives is legal", () => {
  const anyName = fc.oneof(
    fc.string(),
    fc.string().map((one) => `meta:${one}`),
  );
  const anyValue = fc.option(fc.uint8Array());
  fc.assert(
    fc.property(fc.array(fc.tuple(anyName, anyValue)), (pairs) => {
      for (const [legal, value] of headersMetadata(headed(headersOf(pairs)))) {
        assert.match(legal, /^[0-9a-z_.-]+$/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: These are what must not be there.
        assert.doesNotMatch(value, /[\u0000-\u0008\u000a-\u001f\u007f]|^[ \t]|[ \t]$/);
      }
    }),
  );
});
