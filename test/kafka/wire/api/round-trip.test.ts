// Every table at every version: what was written is read again, all of it; what is cut off or damaged is refused as such.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { concat } from "../../../../src/core/bytes.ts";
import { encodingOf } from "../../../../src/kafka/wire/api/api.ts";
import { decodeVersioned, encodeVersioned } from "../../../../src/kafka/wire/api/versioned.ts";
import { type Encoding, Reader, WireError } from "../../../../src/kafka/wire/reader.ts";
import type { Type } from "../../../../src/kafka/wire/type.ts";
import { Writer } from "../../../../src/kafka/wire/writer.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { tables, versioned } from "./tables.ts";

interface Shape {
  readonly name: string;
  readonly type: Type<unknown>;
  readonly version: number;
  readonly encoding: Encoding;
  readonly values: fc.Arbitrary<unknown>;
}

const shapes: readonly Shape[] = tables.flatMap(({ api }) =>
  Array.from({ length: api.versions.max - api.versions.min + 1 }, (_, index) => api.versions.min + index).flatMap((version) =>
    [api.request, api.response].map((type) => ({
      name: `${type.name} v${version}`,
      type,
      version,
      encoding: encodingOf(api, version),
      values: arbitraryOf(type, version),
    })),
  ),
);

const SEED = 20_261_124;
const VALUES = 4;
const CUTS = 8;
const DAMAGES = 12;

const write = ({ type, version, encoding }: Shape, value: unknown): Uint8Array => {
  const to = new Writer(encoding);
  type.write(to, value, version);
  return plain(concat(to.pieces()));
};
/** No Buffer, so that what is read of it is compared as what it was written from. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
const read = ({ type, version, encoding }: Shape, bytes: Uint8Array): { readonly value: unknown; readonly left: number } => {
  const from = new Reader(bytes, encoding);
  const value = type.read(from, version);
  return { value, left: from.remaining };
};

/** The value, or the WireError that was thrown; everything else that is thrown is a crash. */
const tried = (shape: Shape, bytes: Uint8Array): unknown => {
  try {
    return read(shape, bytes).value;
  } catch (reason) {
    if (reason instanceof WireError) return reason;
    throw new Error(`${shape.name}: ${Buffer.from(bytes).toString("hex")}`, { cause: reason });
  }
};

/** How many values a value is made of. */
const sizeOf = (value: unknown): number =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array)
    ? Object.values(value).reduce((sum: number, one) => sum + sizeOf(one), 1)
    : 1;

/** One byte after the other, from the same seed each time. */
const damaged = (bytes: Uint8Array, step: number): Uint8Array => {
  const wrong = bytes.slice();
  const at = (step * 7_919) % bytes.length;
  wrong[at] = step % 3 === 0 ? 0xff : step % 3 === 1 ? 0x7f : wrong[at]! ^ (1 << (step % 8));
  return wrong;
};

describe("the tables of the wire", () => {
  it("are of more than fifty APIs, in files by their numbers and names", () => {
    assert.ok(tables.length > 50, `${tables.length}`);
    for (const { file, api } of tables) {
      const name = api.name.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase();
      assert.equal(file, `${String(api.key).padStart(2, "0")}-${name}.ts`);
      assert.deepEqual([api.request.name, api.response.name], [`${api.name}Request`, `${api.name}Response`]);
    }
  });

  it("read at every version what they wrote, and nothing is left over", () => {
    for (const shape of shapes)
      for (const value of fc.sample(shape.values, { numRuns: VALUES, seed: SEED + shape.version }))
        assert.deepEqual(read(shape, write(shape, value)), { value, left: 0 }, shape.name);
  });

  it("refuse at every version what was cut off, wherever it was cut", () => {
    for (const shape of shapes) {
      const [value] = fc.sample(shape.values, { numRuns: 1, seed: SEED });
      const bytes = write(shape, value);
      const step = Math.max(1, Math.floor(bytes.length / CUTS));
      for (let length = bytes.length - 1; length >= 0; length -= step)
        assert.ok(tried(shape, bytes.subarray(0, length)) instanceof WireError, `${shape.name}: ${length} of ${bytes.length} bytes`);
    }
  });

  it("make of damaged bytes a value or a WireError, and never more values than the bytes could hold", () => {
    for (const shape of shapes) {
      const [value] = fc.sample(shape.values, { numRuns: 1, seed: SEED + 1 });
      const bytes = write(shape, value);
      if (bytes.length === 0) continue;
      const most = sizeOf(shape.type.empty) * (bytes.length + 1) * 4;
      for (let step = 0; step < DAMAGES; step++) assert.ok(sizeOf(tried(shape, damaged(bytes, step))) <= most, shape.name);
    }
  });

  it("refuse lengths that the bytes cannot have, before anything is made of them", () => {
    for (const shape of shapes) {
      const huge = new Uint8Array(64).fill(0x7f);
      const value = tried(shape, huge);
      assert.ok(value instanceof WireError || sizeOf(value) <= 64, shape.name);
    }
  });
});

describe("versioned structs", () => {
  it("are read as they were written, at every version", () => {
    for (const one of versioned)
      for (let version = one.versions.min; version <= one.versions.max; version++)
        fc.assert(
          fc.property(arbitraryOf(one.type, version), (value) => {
            assert.deepEqual(decodeVersioned(one, plain(encodeVersioned(one, value, version))), value);
          }),
          { numRuns: 10, seed: SEED },
        );
  });

  it("of a newer version are read as far as they are known, and of a version below zero not at all", () => {
    for (const one of versioned) {
      const bytes = encodeVersioned(one, one.type.empty, one.versions.max);
      new DataView(bytes.buffer, bytes.byteOffset).setInt16(0, 99);
      assert.deepEqual(decodeVersioned(one, bytes), one.type.empty);
      new DataView(bytes.buffer, bytes.byteOffset).setInt16(0, -1);
      assert.throws(() => decodeVersioned(one, bytes), WireError);
    }
  });
});
