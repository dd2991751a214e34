import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Regex } from "../../../src/broker/regex/regex.ts";
import { REGEX_CHARACTERS_MAX, REGEX_STEPS_MAX, RegexError } from "../../../src/broker/regex/syntax.ts";

const RUNS = 1_500;
const SEED = 848;

/** What both this and JavaScript's take alike. */
const atom = fc.oneof(
  fc.constantFrom("a", "A", "b", "k", "1", "\\.", "\\-", "_", ".", "\\d", "\\w", "\\S", "\\W", "\\x61"),
  fc.constantFrom("[a-k]", "[^a]", "[\\d_.-]", "[^\\w]", "[A-Z1]"),
);
const place = fc.constantFrom("^", "$", "\\b", "\\B");
const times = fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "{0}");
const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => ({
  expression: fc
    .array(
      fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
      { minLength: 1, maxLength: 3 },
    )
    .map((ways) => ways.join("|")),
  part: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: atom },
    { weight: 1, arbitrary: place },
    { weight: 2, arbitrary: fc.tuple(atom, times).map(([of, some]) => of + some) },
    { weight: 1, arbitrary: tie("expression").map((of) => `(${of})`) },
    { weight: 1, arbitrary: fc.tuple(tie("expression"), times).map(([of, some]) => `(?:${of})${some}`) },
  ),
}));
const name = fc.string({ unit: fc.constantFrom("a", "A", "b", "k", "1", ".", "-", "_"), maxLength: 6 });

const check = (text: string, cases: Readonly<Record<string, boolean>>): void => {
  const regex = new Regex(text);
  for (const [asked, expected] of Object.entries(cases)) assert.equal(regex.matches(asked), expected, `${text} and '${asked}'`);
};

describe("a regular expression for topics", () => {
  test("matches what JavaScript's matches as a whole", () => {
    const agree = (text: string, folds: boolean, names: readonly string[]): void => {
      const regex = new Regex(folds ? `(?i)${text}` : text);
      const js = new RegExp(`^(?:${text})$`, folds ? "i" : "");
      for (const one of names) assert.equal(regex.matches(one), js.test(one), `${text} and '${one}'${folds ? ", whatever case" : ""}`);
    };
    fc.assert(fc.property(expression, fc.boolean(), fc.array(name, { minLength: 1, maxLength: 5 }), agree), { numRuns: RUNS, seed: SEED });
  });

  test("matches the whole name", () => {
    check("foo", { foo: true, foobar: false, barfoo: false, "": false });
    check("foo|foo-.*", { foo: true, "foo-": true, "foo-bar": true, foobar: false });
    check("", { "": true, a: false });
  });

  test("knows classes of Perl, POSIX and Unicode", () => {
    check("\\d\\D\\w\\W\\S", { "1a_-.": true, "aa_-.": false });
    check("[[:alpha:]]+[[:^digit:]]", { abc: true, ab1: false });
    check("\\p{Lu}\\pL\\P{Lu}\\p{^N}", { Abc_: true, abc_: false, Abc1: false });
    check("\\p{Latin}\\p{Greek}?", { a: true, "1": false });
    check("[^a-y\\d]+", { zZ: true, az: false, z1: false });
    check("[]a-]+", { "a-": true });
  });

  test("sets flags for what follows, up to the end of the group", () => {
    check("(?i)ab(?-i)c", { ABc: true, ABC: false });
    check("((?i)a)b", { Ab: true, AB: false });
    check("(?i:a[b-c]\\x{212a})d", { aBkd: true, ABKD: false });
    check("(?U)a+(?s:.)(?m:^|$)", { "a.": true });
  });

  test("takes letters that are quoted, octal and hexadecimal", () => {
    check("\\Qa.b\\E+", { "a.bb": true, axbb: false });
    check("\\Qa.b", { "a.b": true });
    check("\\141\\x62\\x{63}\\0?", { abc: true });
  });

  test("takes a brace that repeats nothing as it is", () => {
    check("a{,2}|a{02}|a{x", { "a{,2}": true, "a{02}": true, "a{x": true, aa: false });
  });

  test("refuses what could not be matched in one pass, and what RE2 does not know", () => {
    const refused = ["(a)\\1", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "a++", "a**", "*a", "a|*", "(", ")", "a)", "(?i", "[", "[a"];
    refused.push(
      "[z-a]",
      "[[:foo:]]",
      "\\",
      "\\y",
      "\\C",
      "\\p{Nope}",
      "\\p",
      "(?P<a>.)(?P<a>.)",
      "(?P<a-b>.)",
      "a{2,1}",
      "a{1001}",
      "(?-)",
    );
    for (const text of refused) assert.throws(() => new Regex(text), RegexError, text);
  });

  test("refuses what is too large", () => {
    assert.throws(() => new Regex("a".repeat(REGEX_CHARACTERS_MAX + 1)), RegexError);
    assert.throws(() => new Regex("(".repeat(500) + ")".repeat(500)), RegexError);
    assert.throws(() => new Regex("(a{100}){100}"), RegexError);
    assert.throws(() => new Regex("(aaaaaaaaaaa){1000}"), RegexError);
  });

  test("costs no more than its steps for each character, whatever it says", () => {
    const longest = "a".repeat(249);
    for (const text of [
      `${"a?".repeat(1_000)}${"a".repeat(1_000)}`,
      "((a*)*)*b",
      `${"(x*x*)*".repeat(60)}y`,
      `${"a*(?i)".repeat(1_600)}b`,
    ]) {
      const regex = new Regex(text);
      assert.equal(regex.matches(longest), false);
      const walked = regex.takeWalked();
      assert.ok(walked <= REGEX_STEPS_MAX * (longest.length + 1), `${text.slice(0, 20)} walked ${walked} steps`);
    }
  });
});
