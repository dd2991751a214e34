// What a record is asked for is found in place, also when whoever is shown one header looks at another record meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { nameAt } from "../../../src/kafka/wire/names.ts";
import { encoded, sound } from "./batches.ts";

const headersOf = (...names: readonly string[]) => names.map((name) => ({ name, value: utf8(`of ${name}`) }));
const recordOf = (...names: readonly string[]) => ({ key: utf8("k"), value: utf8("v"), headers: headersOf(...names) });

test("who looks into other records while headers are shown is shown the rest all the same", () => {
  const [one, other] = sound(encoded([recordOf("a", "b", "a", "c".repeat(100)), recordOf("d", "x".repeat(70))]))[0]!.records;
  const seen: string[] = [];
  one!.eachHeader((name, value) => {
    other!.eachHeader(() => one!.header("b"));
    seen.push(`${name[0]} ${value?.length}`);
  });
  one!.eachValueText("a", (text) => {
    other!.hasHeader("d", utf8("of d"));
    seen.push(text);
  });
  assert.deepEqual(seen, ["a 4", "b 4", "a 4", "c 103", "of a", "of a"]);
});

test("only headers whose name begins so are shown where that is asked for", () => {
  const [record] = sound(encoded([recordOf("meta:a", "met", "zilla:x", "meta:", "Meta:b")]))[0]!.records;
  const seen: string[] = [];
  record!.eachHeader((name) => seen.push(name), "meta:");
  assert.deepEqual(seen, ["meta:a", "meta:"]);
});

test("names are what their bytes say, whichever had the same slot before", () => {
  for (let round = 0; round < 2; round++)
    for (let count = 0; count < 3_000; count++) {
      const name = `näme-${count}`;
      const bytes = Buffer.from(`..${name}..`);
      assert.equal(nameAt(bytes, 2, bytes.length - 4), name);
    }
  assert.equal(nameAt(Buffer.from([0x61, 0xff]), 0, 2), "a\ufffd");
});
