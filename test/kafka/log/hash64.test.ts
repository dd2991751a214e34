import assert from "node:assert/strict";
import { test } from "node:test";
import { hash64 } from "../../../src/kafka/log/hash64.ts";

test("a hash is the same for the same text, and different for others", () => {
  const seen = new Map<string, string>();
  for (let index = 0; index < 20_000; index++) {
    const text = `59410e57-3e0f-4b61-9328-f645a7968ac8-${index}`;
    const hash = hash64(text);
    assert.deepEqual(hash64(text), hash);
    assert.equal(seen.get(String(hash)), undefined);
    seen.set(String(hash), text);
  }
  const low = new Set([...seen.keys()].map((hash) => Number(hash.split(",")[0]) % 4_096));
  assert.ok(low.size > 4_000, "the low bits are spread");
});
