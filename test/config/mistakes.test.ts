import assert from "node:assert/strict";
import { test } from "node:test";
import { loadText, mistakesOf } from "../kit/config.ts";
import { FRAME } from "./broken/frame.ts";
import { KEYS } from "./broken/keys.ts";
import { REFERENCES } from "./broken/references.ts";
import { RULES } from "./broken/rules.ts";
import { TYPES } from "./broken/types.ts";
import { VALUES } from "./broken/values.ts";
import { changed, placeOf, WHOLE } from "./whole.ts";

for (const { says, from, to, at, message } of [...FRAME, ...TYPES, ...KEYS, ...VALUES, ...RULES, ...REFERENCES]) {
  test(`${says}: one sentence at its place`, () => {
    const text = changed(from, to);
    assert.deepEqual(mistakesOf(text), [`${placeOf(text, at ?? to)} ${message}`]);
  });
}

test("the whole configuration has neither mistakes nor warnings", () => {
  const { mistakes, warnings } = loadText(WHOLE);
  assert.deepEqual([...mistakes.map(String), ...warnings.map(({ message }) => message)], []);
});

test("all mistakes are told at once, in the order of the file", () => {
  let text = WHOLE;
  for (const [from, to] of [
    ["exit: tcp_out", "exit: tcp_uot"],
    ["kind: server", "kind: sever"],
    ["acks: leader_only", "acks: leader"],
    ["catalogs:", "catalogs: "],
    ["max-age: 60", "max-age: -1"],
    ["retry: 10s", "retri: 10s"],
  ] as const) {
    text = text.replace(from, to);
  }
  assert.deepEqual(
    loadText(text).mistakes.map(({ place, message }) => `${place.line} ${message.split(",")[0]}`),
    ["27 found 'sever'", "45 found -1", "75 found 'leader'", "115 found 'tcp_uot'"],
  );
});

test("what the original ignores is warned of, not refused", () => {
  const text = changed("idempotency-key }", "idempotency-key, header: x }");
  const { mistakes, warnings } = loadText(text);
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ["found 'header', no such key here; allowed: metadata; it is ignored"],
  );
});
