// Which services a proto's text has, and where its mistakes are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Proto } from "../../../src/resources/catalog/proto.ts";
import { ProtoFault } from "../../../src/resources/catalog/proto-text.ts";

const methodsOf = (text: string): Record<string, Record<string, string>> =>
  Object.fromEntries(
    [...new Proto(text).services].map(([service, methods]) => [
      service,
      Object.fromEntries([...methods].map(([name, { requestStream, responseStream }]) => [name, `${+requestStream}${+responseStream}`])),
    ]),
  );

const ECHO = `
  package example;
  message EchoMessage { string message = 1; }
  service EchoService {
    rpc EchoUnary (EchoMessage) returns (EchoMessage);
    rpc EchoClientStream (stream EchoMessage) returns (EchoMessage);
    rpc EchoServerStream (EchoMessage) returns (stream .example.EchoMessage) {}
    rpc EchoStream (stream EchoMessage) returns (stream EchoMessage);
  }`;
const ECHO_METHODS = { EchoUnary: "00", EchoClientStream: "10", EchoServerStream: "01", EchoStream: "11" };

const texts: readonly (readonly [claim: string, text: string, services: Record<string, Record<string, string>>])[] = [
  ["proto3", `syntax = "proto3";${ECHO}`, { "example.EchoService": ECHO_METHODS }],
  [
    "proto2 without a syntax line, with groups and extensions",
    `package p; message M { required int32 a = 1; optional group G = 2 { optional int32 b = 1; } extensions 100 to max; }
     extend M { optional string z = 101; } service S { rpc A(M) returns (M); }`,
    { "p.S": { A: "00" } },
  ],
  [
    "edition 2023",
    `edition = "2023"; package e; option features.field_presence = IMPLICIT; message M { reserved foo; } service S { rpc A(M) returns (M); }`,
    { "e.S": { A: "00" } },
  ],
  ["edition 2024", `edition = "2024"; package e; export message M {} service S { rpc A(M) returns (M); }`, { "e.S": { A: "00" } }],
  ["no package", `syntax = "proto3"; message M {} service S { rpc A(M) returns (M); }`, { S: { A: "00" } }],
  [
    "several services",
    `syntax = "proto3"; package a.b; message M {} service S { rpc A(M) returns (M); } service T { rpc B(stream M) returns (M); }`,
    { "a.b.S": { A: "00" }, "a.b.T": { B: "10" } },
  ],
  [
    "options with nested blocks, comments and odd spacing",
    `// First.\nsyntax="proto3"; /* two\nlines */ import public "x.proto";package a;message M{map<string,int32>m=1;oneof o{int32 i=2;}}
     service S{option(google.api.default_host)="x";rpc A(M)returns(M){option(google.api.http)={post:"/v1:a" body:"*" additional_bindings{get:"/v2"}};option deprecated=true;}}`,
    { "a.S": { A: "00" } },
  ],
  ["a byte order mark", `\uFEFFsyntax = "proto3"; message M {} service S { rpc A(M) returns (M); }`, { S: { A: "00" } }],
  ["no service", `syntax = "proto3"; message M {}`, {}],
];

for (const [claim, text, services] of texts) test(`services are found: ${claim}`, () => assert.deepEqual(methodsOf(text), services));

const faults: readonly (readonly [claim: string, text: string, place: string, message: RegExp])[] = [
  ["a misspelt keyword", `syntax = "proto3";\nservice S {\n  rpc A(M) retrns (M);\n}`, "3:12", /^found 'retrns', but 'returns' is needed$/],
  ["a missing sign", `syntax = "proto3";\nmessage M {\n  string x 1;\n}`, "3:12", /^found '1', but '=' is needed$/],
  ["no proto at all", `hello`, "1:1", /^found 'hello', which cannot stand here$/],
  ["an end inside a definition", `syntax = "proto3";\nmessage M { int32 a = 1;\n`, "2:25", /^the text ends here/],
  ["an unknown syntax", `syntax = "proto5";`, "1:10", /^found the syntax "proto5", but "proto2" or "proto3" is needed$/],
  ["an unknown edition", `edition = "1999";`, "1:11", /edition/],
  [
    "a method that stands twice",
    `syntax = "proto3";\nmessage M {}\nservice S {\n rpc A(M) returns (M);\n rpc A(M) returns (M);\n}`,
    "5:6",
    /duplicate name 'A'/,
  ],
  ["a comment that does not end", `syntax = "proto3";\n/* never`, "2:1", /comment/],
  ["a string that does not end", `syntax = "proto3`, "1:10", /syntax|string/],
];

for (const [claim, text, place, message] of faults)
  test(`a mistake has its place: ${claim}`, () => {
    assert.throws(
      () => new Proto(text),
      (reason) => {
        assert.ok(reason instanceof ProtoFault, String(reason));
        assert.match(reason.message, message);
        assert.equal(`${reason.position.line}:${reason.position.column}`, place);
        return true;
      },
    );
  });

test("a type that nothing defines is named with its method and place", () => {
  const proto = new Proto(`syntax = "proto3";\nservice S {\n  rpc A(Lost) returns (google.protobuf.Empty);\n}`);
  assert.deepEqual(proto.unknownTypes(), [{ type: "Lost", method: "S.A", line: 3, column: 9 }]);
});

test("types of the well-known files and of imported texts are known", () => {
  const proto = new Proto(
    `syntax = "proto3"; package a; import "b.proto"; service S { rpc A(b.M) returns (google.protobuf.Any); rpc B(Q) returns (b.N.O); }`,
  );
  assert.equal(proto.addWellKnown("google/protobuf/any.proto"), true);
  assert.equal(proto.addWellKnown("b.proto"), false);
  assert.deepEqual(proto.addImported(`syntax = "proto3"; package b; import "c.proto"; message M {} message N { message O {} }`), [
    "c.proto",
  ]);
  assert.deepEqual(
    proto.unknownTypes().map(({ type }) => type),
    ["Q"],
  );
});
