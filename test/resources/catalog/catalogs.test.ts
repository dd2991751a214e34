// Catalogs of files and of texts: what they find, what they say, and that a changed file counts.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ConfigError, type Place, type Warning } from "../../../src/config/place.ts";
import { filesystemCatalog } from "../../../src/resources/catalog/filesystem.ts";
import { inlineCatalog } from "../../../src/resources/catalog/inline.ts";
import type { Catalog } from "../../../src/resources/catalog.ts";

const PLACE: Place = { file: "zilla.yaml", line: 7, column: 15 };
const SERVICE = (name: string, type = "M") => `syntax = "proto3"; package p; message M {} service ${name} { rpc A(${type}) returns (M); }`;

/** A folder with these files, and a catalog of the subjects in it. */
const folder = (context: TestContext, files: Record<string, string | Uint8Array>, subjects: Record<string, string>) => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-catalog-"));
  context.after(() => rmSync(directory, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const warnings: Warning[] = [];
  const entries = Object.entries(subjects).map(
    ([name, written]) => [name, { path: join(directory, written), written, place: PLACE }] as const,
  );
  const catalog = filesystemCatalog({ subjects: new Map(entries), directory, warn: (warning) => warnings.push(warning) });
  return { directory, catalog, warnings };
};

const names = (catalog: Catalog, subject = "s"): readonly string[] => [...(catalog.services(subject, "latest")?.keys() ?? [])];

const mistake = (catalog: Catalog, subject = "s"): string => {
  try {
    catalog.services(subject, "latest");
  } catch (reason) {
    assert.ok(reason instanceof ConfigError, String(reason));
    return reason.toString();
  }
  throw new assert.AssertionError({ message: "no mistake was found" });
};

test("a subject that does not exist is undefined", (context) => {
  const { catalog } = folder(context, { "a.proto": SERVICE("S") }, { s: "a.proto" });
  assert.equal(catalog.services("t", "latest"), undefined);
  assert.deepEqual(catalog.subjects, ["s"]);
});

test("the version of a file does not matter, and asking again gives the same object", (context) => {
  const { catalog } = folder(context, { "a.proto": SERVICE("S") }, { s: "a.proto" });
  assert.equal(catalog.services("s", "17"), catalog.services("s", "latest"));
});

test("a missing file is a mistake at its place in the configuration", (context) => {
  const { catalog } = folder(context, {}, { s: "proto/a.proto" });
  assert.equal(mistake(catalog), "zilla.yaml:7:15: 'proto/a.proto' cannot be read: there is no such file");
});

test("a mistake in a proto is reported at its own line and column", (context) => {
  const { catalog } = folder(context, { "a.proto": 'syntax = "proto3";\nservice S { rcp A(M) returns (M); }' }, { s: "a.proto" });
  assert.match(mistake(catalog), /^a\.proto:2:13: found 'rcp'/);
});

test("imports are found beside the file, above it and from the configuration's folder", (context) => {
  const { catalog, warnings } = folder(
    context,
    {
      "proto/svc/a.proto": `syntax = "proto3"; import "beside.proto"; import "svc/above.proto"; import "top/top.proto"; import "google/protobuf/empty.proto";
        service S { rpc A(B) returns (C); rpc D(T) returns (google.protobuf.Empty); }`,
      "proto/svc/beside.proto": 'syntax = "proto3"; message B {}',
      "proto/svc/above.proto": 'syntax = "proto3"; import "svc/beside.proto"; message C { B b = 1; }',
      "top/top.proto": 'syntax = "proto3"; import "deep.proto"; message T { D d = 1; }',
      "top/deep.proto": 'syntax = "proto3"; message D {}',
    },
    { s: "proto/svc/a.proto" },
  );
  assert.deepEqual(names(catalog), ["S"]);
  assert.deepEqual(warnings, []);
});

test("the services of an imported file are not served", (context) => {
  const { catalog } = folder(
    context,
    { "a.proto": `${SERVICE("S")} import "b.proto";`, "b.proto": 'syntax = "proto3"; service T { rpc A(M) returns (M); }' },
    { s: "a.proto" },
  );
  assert.deepEqual(names(catalog), ["p.S"]);
});

test("files that import each other are read once each", (context) => {
  const { catalog, warnings } = folder(
    context,
    {
      "a.proto": 'syntax = "proto3"; import "b.proto"; message A {} service S { rpc X(A) returns (B); }',
      "b.proto": 'syntax = "proto3"; import "c.proto"; message B {}',
      "c.proto": 'syntax = "proto3"; import "b.proto"; message C {}',
    },
    { s: "a.proto" },
  );
  assert.deepEqual(names(catalog), ["S"]);
  assert.deepEqual(warnings, []);
});

const doubtful: readonly (readonly [claim: string, files: Record<string, string>, warning: RegExp])[] = [
  [
    "an import that is not found",
    { "a.proto": `syntax = "proto3";\nimport "google/api/annotations.proto"; message M {} service S { rpc A(M) returns (M); }` },
    /^a\.proto:2:8 'google\/api\/annotations.proto' is not found/,
  ],
  [
    "an import that is wrong",
    { "a.proto": `syntax = "proto3"; import "b.proto"; message M {} service S { rpc A(M) returns (M); }`, "b.proto": "\nmessage {" },
    /b\.proto:2:9 is wrong: found '\{'/,
  ],
  [
    "a type that nothing defines",
    { "a.proto": `syntax = "proto3"; package p; message M {} service S { rpc A(Q) returns (M); }` },
    /^a\.proto:1:62 'Q' of the method S.A/,
  ],
  ["no service", { "a.proto": 'syntax = "proto3"; message M {}' }, /no service is defined/],
];
for (const [claim, files, warning] of doubtful)
  test(`what is doubtful about a proto is a warning: ${claim}`, (context) => {
    const { catalog, warnings } = folder(context, files, { s: "a.proto" });
    catalog.services("s", "latest");
    assert.equal(warnings.length, 1);
    const [{ place, message } = assert.fail()] = warnings;
    assert.match(`${place.file}:${place.line}:${place.column} ${message}`, warning);
  });

test("a file is read again when it has changed, or one that it imports", (context) => {
  const { catalog, directory } = folder(
    context,
    { "a.proto": `${SERVICE("S")} import "b.proto";`, "b.proto": 'syntax = "proto3";' },
    { s: "a.proto" },
  );
  const first = catalog.services("s", "latest");
  assert.equal(catalog.services("s", "latest"), first);
  const later = new Date(Date.now() + 5000);
  utimesSync(join(directory, "b.proto"), later, later);
  assert.notEqual(catalog.services("s", "latest"), first);
  writeFileSync(join(directory, "a.proto"), SERVICE("Another"));
  assert.deepEqual(names(catalog), ["p.Another"]);
  rmSync(join(directory, "a.proto"));
  assert.match(mistake(catalog), /there is no such file/);
});

test("a file that is a link is read again when the link leads elsewhere", (context) => {
  const { catalog, directory } = folder(context, { "one.proto": SERVICE("One"), "two.proto": SERVICE("Two") }, { s: "link.proto" });
  symlinkSync("one.proto", join(directory, "link.proto"));
  assert.deepEqual(names(catalog), ["p.One"]);
  rmSync(join(directory, "link.proto"));
  symlinkSync("two.proto", join(directory, "link.proto"));
  assert.deepEqual(names(catalog), ["p.Two"]);
});

const SET = toBinary(
  FileDescriptorSetSchema,
  create(FileDescriptorSetSchema, {
    file: [
      {
        name: "a.proto",
        package: "a.b",
        service: [{ name: "S", method: [{ name: "A" }, { name: "B", clientStreaming: true, serverStreaming: true }] }],
      },
      { name: "b.proto", service: [{ name: "T", method: [{ name: "C", serverStreaming: true }] }] },
    ],
  }),
);
for (const name of ["set.binpb", "set.desc", "set"])
  test(`a descriptor set is known by its ending or its bytes: ${name}`, (context) => {
    const { catalog } = folder(context, { [name]: SET }, { s: name });
    const services = catalog.services("s", "latest");
    assert.deepEqual(
      [...(services?.get("a.b.S") ?? [])],
      [
        ["A", { requestStream: false, responseStream: false }],
        ["B", { requestStream: true, responseStream: true }],
      ],
    );
    assert.deepEqual([...(services?.get("T")?.keys() ?? [])], ["C"]);
  });

test("a descriptor set that is none is a mistake", (context) => {
  const { catalog } = folder(context, { "set.pb": SERVICE("S") }, { s: "set.pb" });
  assert.match(mistake(catalog), /^set\.pb:1:1: this is no descriptor set/);
});

const inline = (texts: Record<string, { readonly version?: string; readonly schema: string }>) => {
  const warnings: Warning[] = [];
  const entries = Object.entries(texts).map(([name, { version = "latest", schema }]) => [name, { version, schema, place: PLACE }] as const);
  return { warnings, catalog: inlineCatalog({ subjects: new Map(entries), warn: (warning) => warnings.push(warning) }) };
};

test("a text is found by its subject and exactly its version", () => {
  const { catalog } = inline({ s: { schema: SERVICE("S") }, t: { version: "2", schema: SERVICE("T") } });
  assert.deepEqual([...(catalog.services("s", "latest")?.keys() ?? [])], ["p.S"]);
  assert.equal(catalog.services("s", "1"), undefined);
  assert.equal(catalog.services("t", "latest"), undefined);
  assert.deepEqual([...(catalog.services("t", "2")?.keys() ?? [])], ["p.T"]);
});

test("a text imports another by its subject", () => {
  const { catalog, warnings } = inline({
    s: { schema: 'syntax = "proto3"; import "types"; import "more.proto"; service S { rpc A(T) returns (U); }' },
    types: { schema: 'syntax = "proto3"; message T {}' },
    more: { schema: 'syntax = "proto3"; message U {}' },
  });
  assert.deepEqual(names(catalog), ["S"]);
  assert.deepEqual(warnings, []);
});

test("a mistake in a text names the text's own line at the place of the text", () => {
  const { catalog } = inline({ s: { schema: 'syntax = "proto3";\nservis S {}' } });
  assert.equal(mistake(catalog), "zilla.yaml:7:15: the text of 's', line 2, column 1: found 'servis', which cannot stand here");
});
