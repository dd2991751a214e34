import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HpackDecoder, HpackError } from "../../src/http2/hpack-decoder.ts";
import { HpackEncoder } from "../../src/http2/hpack-encoder.ts";
import { type Field, FieldKind } from "../../src/http2/hpack-field.ts";
import { TABLE_BYTES_MAX } from "../../src/http2/hpack-table.ts";

const fieldsOf = (decoder: HpackDecoder, bytes: Buffer): Field[] => {
  const fields: Field[] = [];
  decoder.decode({ bytes, from: 0, to: bytes.length }, { field: (field) => fields.push(field) });
  return fields;
};
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const written = (fields: readonly Field[]): string[] => fields.map(([name, value]) => `${name}: ${value}`);

const blockOf = (encoder: HpackEncoder, fields: readonly Field[]): Buffer => {
  const room = Buffer.alloc(100_000);
  encoder.begin(room, 0);
  for (const [name, value] of fields) encoder.field(name, value);
  return room.subarray(0, encoder.end);
};

/** RFC 7541, C.3 and C.4. */
const REQUESTS: readonly (readonly string[])[] = [
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
  [":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com", "custom-key: custom-value"],
];
const DATES = ["date: Mon, 21 Oct 2013 20:13:21 GMT", "date: Mon, 21 Oct 2013 20:13:22 GMT"] as const;
/** RFC 7541, C.5 and C.6: a table of 256 bytes. */
const RESPONSES: readonly (readonly string[])[] = [
  [":status: 302", "cache-control: private", DATES[0], "location: https://www.example.com"],
  [":status: 307", "cache-control: private", DATES[0], "location: https://www.example.com"],
  [
    ...[":status: 200", "cache-control: private", DATES[1], "location: https://www.example.com", "content-encoding: gzip"],
    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  ],
];
const TABLE_OF_256 = "3fe101";

for (const [name, blocks, expected] of [
  [
    "the requests of RFC 7541 C.3",
    [
      "828684410f7777772e6578616d706c652e636f6d",
      "828684be58086e6f2d6361636865",
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ],
    REQUESTS,
  ],
  [
    "the Huffman-coded requests of RFC 7541 C.4",
    ["828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf", "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"],
    REQUESTS,
  ],
  [
    "the Huffman-coded responses of RFC 7541 C.6, with evictions",
    [
      `${TABLE_OF_256}488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
      "4883640effc1c0bf",
      "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ],
    RESPONSES,
  ],
] as const) {
  test(`${name} are decoded`, () => {
    const decoder = new HpackDecoder();
    for (const [at, block] of blocks.entries()) assert.deepEqual(written(fieldsOf(decoder, hex(block))), expected[at]);
  });
}

test("a name that is a literal, one that is never to be indexed and one without indexing are decoded (RFC 7541 C.2)", () => {
  const decoder = new HpackDecoder();
  assert.deepEqual(written(fieldsOf(decoder, hex("400a637573746f6d2d6b65790d637573746f6d2d686561646572"))), ["custom-key: custom-header"]);
  assert.deepEqual(written(fieldsOf(decoder, hex("040c2f73616d706c652f70617468"))), [":path: /sample/path"]);
  assert.deepEqual(written(fieldsOf(decoder, hex("100870617373776f726406736563726574"))), ["password: secret"]);
  assert.deepEqual(written(fieldsOf(decoder, hex("be"))), ["custom-key: custom-header"]);
});

test("what is no header block is told apart", () => {
  for (const [block, why] of [
    ["80", "index 0"],
    ["be", "an index nobody has"],
    ["ff", "an integer that ends too soon"],
    ["ffffffffffff0f", "an integer that is too long"],
    ["400a6375", "half a string"],
    ["41", "no string"],
    ["4184ffffffff", "EOS in a string"],
    ["418100", "padding of zeros"],
    ["4182fdff", "padding of more than seven bits"],
    ["3fe21f", "a table larger than allowed"],
    ["202020", "three sizes"],
    ["8220", "a size behind a field"],
  ] as const)
    assert.throws(() => fieldsOf(new HpackDecoder(), hex(block)), HpackError, why);
});

test("a field that is larger than the table empties it, and is a field all the same", () => {
  const decoder = new HpackDecoder();
  fieldsOf(decoder, hex("400161 0162"));
  assert.equal(fieldsOf(decoder, hex("be"))[0]?.[0], "a");
  const value = "v".repeat(TABLE_BYTES_MAX);
  const large = Buffer.concat([hex("400163 7f811f"), Buffer.from(value)]);
  assert.deepEqual(fieldsOf(decoder, large), [["c", value]]);
  assert.throws(() => fieldsOf(decoder, hex("be")), HpackError);
});

test("a field is judged when it is decoded, and known by its index from then on", () => {
  const decoder = new HpackDecoder();
  const kinds: number[] = [];
  const sink = { field: (_field: Field, kind: number) => kinds.push(kind) };
  for (const block of ["40024142 0162", "be", "4082 abcd"].slice(0, 2).map(hex))
    decoder.decode({ bytes: block, from: 0, to: block.length }, sink);
  assert.deepEqual(kinds, [FieldKind.MALFORMED, FieldKind.MALFORMED]);
});

const NAMES = ["content-type", "te", "x-one", "x-two", ":path", "authorization", "grpc-timeout", "a".repeat(200)];
const field = fc.tuple(
  fc.constantFrom(...NAMES),
  fc.oneof(
    fc.constantFrom("application/grpc", "trailers", "1", "2", "/example.EchoService/EchoUnary", "z".repeat(300), ""),
    fc.string({
      unit: fc
        .integer({ min: 0x21, max: 0xff })
        .filter((unit) => unit !== 0x7f)
        .map((unit) => String.fromCharCode(unit)),
    }),
  ),
);

test("what is encoded is decoded, block after block, whatever becomes of the table", () => {
  const step = fc.record({
    fields: fc.array(field, { maxLength: 12 }),
    table: fc.option(fc.constantFrom(0, 64, 200, 4096, 65_536), { freq: 8 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder();
      for (const { fields, table } of steps) {
        if (table !== null) encoder.resize(table);
        assert.deepEqual(fieldsOf(decoder, blockOf(encoder, fields)), fields);
      }
    }),
    { numRuns: 200 },
  );
});

test("a constant list costs a byte a field from its third time on", () => {
  const encoder = new HpackEncoder();
  const list: Field[] = [
    [":status", "200"],
    ["content-type", "application/grpc"],
    ["grpc-encoding", "identity"],
    ["x-own", "value"],
  ];
  const lengths = [1, 2, 3].map(() => blockOf(encoder, list).length);
  assert.ok(lengths[0]! > 50, `${lengths}`);
  assert.equal(lengths[2], list.length);
});

test("secrets and values that change never enter the table", () => {
  const encoder = new HpackEncoder();
  for (let at = 0; at < 3; at++) {
    const block = blockOf(encoder, [
      ["authorization", "Bearer abc"],
      ["x-id", String(at)],
    ]);
    assert.equal(block[0]! & 0xf0, 0x10);
    assert.ok(block.includes("Bearer abc"));
    assert.equal(block.includes("x-id"), true);
  }
});

test("white space at the ends of a value is left out", () => {
  const decoder = new HpackDecoder();
  const encoder = new HpackEncoder();
  for (let at = 0; at < 3; at++)
    assert.deepEqual(
      fieldsOf(
        decoder,
        blockOf(encoder, [
          ["x-a", " \ta b\t "],
          ["x-b", "  "],
        ]),
      ),
      [
        ["x-a", "a b"],
        ["x-b", ""],
      ],
    );
});

test("a block that is given up leaves both ends of one mind", () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  const list: Field[] = [["x-a", "1"]];
  for (let at = 0; at < 3; at++) assert.deepEqual(fieldsOf(decoder, blockOf(encoder, list)), list);
  assert.throws(
    () =>
      blockOf(encoder, [
        ["x-b", "1"],
        ["x-b", "1"],
        ["bad name", "x"],
      ]),
    /none that HTTP\/2 can carry/,
  );
  assert.throws(() => blockOf(encoder, [["x-b", "line\nbreak"]]), /characters that HTTP\/2 does not allow/);
  for (let at = 0; at < 3; at++)
    for (const fields of [list, [["x-b", "1"] as const, ["x-c", "2"] as const]])
      assert.deepEqual(fieldsOf(decoder, blockOf(encoder, fields)), fields);
});
