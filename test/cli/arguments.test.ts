import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "../../src/cli/arguments.ts";
import { type Command, flagOf, flagsOf, UsageError } from "../../src/cli/command.ts";

const command: Command = {
  name: "start",
  summary: "",
  flags: [
    { long: "config", short: "c", value: "FILE", help: "" },
    { long: "verbose", short: "v", help: "" },
    { long: "exception-traces", short: "e", help: "" },
    { long: "property", short: "P", value: "NAME=VALUE", repeated: true, help: "" },
  ],
  run: async () => 0,
};

test("flags are read long, short, joined, glued and repeated", () => {
  const given = parseArguments(command, ["-ve", "-Pa=1", "-P", "b=2", "--property=c", "--config", "x.yaml"]);
  assert.equal(flagOf(given, "config"), "x.yaml");
  assert.equal(flagOf(given, "verbose"), "true");
  assert.equal(flagOf(given, "exception-traces"), "true");
  assert.deepEqual(flagsOf(given, "property"), ["a=1", "b=2", "c"]);
});

test("the last of a flag that is not repeated wins", () => {
  assert.equal(flagOf(parseArguments(command, ["-c", "a", "-cb"]), "config"), "b");
});

for (const [words, message] of [
  [["--confg", "x"], "found '--confg', start has no such flag; did you mean '--config'?; allowed: -c, --config; -v, --verbose"],
  [["-x"], "found '-x', start has no such flag"],
  [["-c"], "--config wants FILE; found nothing behind it"],
  [["--verbose=yes"], "--verbose takes no value; found 'yes'"],
  [["stray"], "start takes no operands; found 'stray'"],
] as const) {
  test(`${words.join(" ")} is refused: ${message}`, () => {
    assert.throws(
      () => parseArguments(command, words),
      (reason: unknown) => reason instanceof UsageError && reason.message.startsWith(message),
    );
  });
}
