// Regular expressions of subscriptions against RE2/J, which Apache Kafka's coordinator uses: thousands of random ones, many of them wrong,
// are refused or match alike.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { Regex } from "../../src/broker/regex/regex.ts";
import { RegexError } from "../../src/broker/regex/syntax.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";

const EXPRESSIONS = 20_000;
const SEED = 4_848;

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "K", "s", "1", "-", "_", ".", "é") },
  { weight: 4, arbitrary: fc.constantFrom("*", "+", "?", "{2}", "{0,1}", "{1,}", "{,2}", "{2,1}", "{02}", "{1001}", "{0}", "??", "*?") },
  {
    weight: 4,
    arbitrary: fc.constantFrom("(", ")", "(?:", "|", "(?i)", "(?i:", "(?P<n>", "(?<m>", "(?-i)", "(?s-m:", "(?=", "(?U", "(?)"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("[a-k]", "[^a]", "[]b]", "[", "]", "[a-", "[[:alpha:]]", "[[:^digit:]_]", "[[:no:]]", "[z-a]", "[\\d-k]"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("\\d", "\\W", "\\s", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\C", "\\.", "\\-", "\\_", "\\y", "\\"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "\\x61",
      "\\x{212A}",
      "\\x{17f}",
      "\\x6",
      "\\141",
      "\\1",
      "\\0",
      "\\Qa.*",
      "\\E",
      "\\pL",
      "\\P{Lu}",
      "\\p{^Ll}",
      "\\p{Greek}",
      "\\p{Any}",
      "\\pX",
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom("^", "$") },
);
const expression = fc.array(piece, { minLength: 1, maxLength: 9 }).map((pieces) => pieces.join(""));
const name = fc.string({ unit: fc.constantFrom("a", "b", "k", "K", "s", "1", "-", "_", "."), maxLength: 4 });

const oursOf = ([text, asked]: readonly [string, string]): string => {
  try {
    return String(new Regex(text).matches(asked));
  } catch (reason) {
    if (reason instanceof RegexError) return "invalid";
    throw reason;
  }
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const theirsOf = async (all: readonly (readonly [string, string])[]): Promise<readonly string[]> => {
  const program = fileURLToPath(new URL("MatchRegex.java", import.meta.url));
  const args = ["-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", `${await jarsOf(KAFKA_VERSION)}/*`, program];
  const input = `${all.map(([text, asked]) => `${base64(text)} ${base64(asked)}`).join("\n")}\n`;
  return (await runOrFail("java", { args, input, timeoutMs: 120_000 })).toString("utf8").trimEnd().split("\n");
};

describe("RE2/J", needs("kafka"), () => {
  it("refuses and matches as the broker does", async () => {
    const all = fc.sample(fc.tuple(expression, name), { numRuns: EXPRESSIONS, seed: SEED });
    const theirs = await theirsOf(all);
    const different = all.map((asked, at) => [...asked, oursOf(asked), theirs[at]]).filter(([, , ours, their]) => ours !== their);
    assert.deepEqual(different.slice(0, 5), [], `${different.length} of ${all.length} differ`);
    const counts = Map.groupBy(theirs, (answer) => answer);
    for (const answer of ["true", "false", "invalid"])
      assert.ok((counts.get(answer)?.length ?? 0) > EXPRESSIONS / 100, `${answer} came ${counts.get(answer)?.length} times`);
  });
});
