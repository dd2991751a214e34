import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loadText } from "../kit/config.ts";
import { WHOLE } from "./whole.ts";

/** What a slip of the hand, a bad merge or a bad day leaves in a file. */
const DEBRIS = ["", "{", "}", "[", "]", ":", "\n", "&a ", "*a", "null", "[]", "{}", "0", "'", '"', "<<: ", "!!binary ", "- ", "|\n", "? "];
const MORE = [
  "%YAML 1.1\n",
  "---\n",
  "1e999",
  ".nan",
  "__proto__: 1",
  "toString",
  "${{env.X}}",
  "${guarded['x'].identity}",
  "\u0000",
  "\uF8F00\uF8F1",
];

const wound = fc.record({
  at: fc.nat(WHOLE.length),
  length: fc.nat(12),
  debris: fc.constantFrom(...DEBRIS, ...MORE),
});

const damaged = (wounds: readonly { readonly at: number; readonly length: number; readonly debris: string }[]): string =>
  wounds.reduce((text, { at, length, debris }) => text.slice(0, at) + debris + text.slice(at + length), WHOLE);

test("a damaged file is told of and never thrown at, with places inside it and sentences in our style", () => {
  fc.assert(
    fc.property(fc.array(wound, { minLength: 1, maxLength: 3 }), (wounds) => {
      const text = damaged(wounds);
      const rows = text.split("\n");
      const { graph, mistakes, warnings } = loadText(text);
      assert.equal(graph === undefined, mistakes.length > 0);
      for (const { place, message } of [...mistakes, ...warnings]) {
        const row = rows[place.line - 1];
        assert.ok(row !== undefined && place.column >= 1 && place.column <= row.length + 1, `${place.line}:${place.column} ${message}`);
        assert.doesNotMatch(message, /^[A-Z]|\.$|undefined|\[object/);
      }
    }),
    { numRuns: 100 },
  );
});
