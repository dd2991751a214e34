// What a machine can hold of how Sluice is written. Each breach is told with its place and the reason of the rule; and each rule is
// shown to find a planted breach and to leave a good snippet alone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ALLOWED } from "./tidy/allowed.ts";
import { IMPORTS } from "./tidy/imports.ts";
import { LANGUAGE } from "./tidy/language.ts";
import { MIRROR } from "./tidy/mirror.ts";
import { MODULES } from "./tidy/modules.ts";
import { PLANTED } from "./tidy/planted.ts";
import type { Rule } from "./tidy/rule.ts";
import { SIZES } from "./tidy/sizes.ts";
import { parseSources, readSources, type Source } from "./tidy/source.ts";

const RULES: readonly Rule[] = [...SIZES, ...IMPORTS, ...MODULES, ...LANGUAGE, ...MIRROR];

const isAllowed = (rule: Rule, path: string): boolean => ALLOWED.some((allowed) => allowed.rule === rule.name && allowed.path === path);

const breaches = (rule: Rule, sources: readonly Source[]): string[] =>
  rule
    .find(sources)
    .filter(({ path }) => !isAllowed(rule, path))
    .map(({ path, line, what }) => `  ${path}:${line}: ${what}`);

describe("the sources are tidy", () => {
  const sources = readSources();
  for (const rule of RULES) {
    test(rule.name, () => {
      const found = breaches(rule, sources);
      assert.ok(found.length === 0, `${rule.name}: ${rule.reason}\n${found.join("\n")}`);
    });
  }

  test("every entry of the allow list still excuses something", () => {
    const idle = ALLOWED.filter(
      ({ rule, path }) =>
        !RULES.find(({ name }) => name === rule)
          ?.find(sources)
          .some((finding) => finding.path === path),
    );
    assert.deepEqual(idle, []);
  });
});

describe("the rules can fail", () => {
  test("every rule has a planted breach", () => {
    const planted = new Set(PLANTED.map(({ rule }) => rule));
    assert.deepEqual(
      RULES.map(({ name }) => name).filter((name) => !planted.has(name)),
      [],
    );
  });

  const bad = parseSources(PLANTED.map((planted) => planted.bad));
  const good = parseSources(PLANTED.map((planted) => planted.good));
  for (const [at, { rule: name }] of PLANTED.entries()) {
    test(`${name} finds what is planted, and nothing else (${at})`, () => {
      const rule = RULES.find((known) => known.name === name);
      assert.ok(rule, `no rule ${name}`);
      assert.notDeepEqual(rule.find(bad[at] ?? []), []);
      assert.deepEqual(rule.find(good[at] ?? []), []);
    });
  }
});
