// The examples: every command of their READMEs prints what the README says, through real clients.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { followExample, nameOf } from "../../examples/example.ts";
import { EXAMPLES } from "../../examples/examples.ts";
import { needs } from "../kit/needs.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const readmeOf = (folder: URL): string => readFileSync(new URL("README.md", folder), "utf8");

test("every example folder is checked", () => {
  const folder = fileURLToPath(new URL("../../examples", import.meta.url));
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(EXAMPLES.map(nameOf).sort(), folders.map(({ name }) => name).sort());
  assert.ok(EXAMPLES.every((example) => readFileSync(join(fileURLToPath(example.folder), "zilla.yaml"), "utf8").length > 0));
});

for (const example of EXAMPLES.filter(({ topics }) => topics)) {
  test(`the README of ${nameOf(example)} names its topics and variables`, () => {
    const text = readmeOf(example.folder);
    assert.ok(text.includes(`npm run kafka -- topics ${example.topics?.join(" ")}\n`));
    assert.ok(text.includes("KAFKA_BOOTSTRAP_SERVER=127.0.0.1:9092 "));
    if (example.server) assert.ok(text.includes(`${example.server.variable}_HOST=127.0.0.1 ${example.server.variable}_PORT=50051 `));
  });
}

describe("examples without Kafka", needs("go", "openssl"), () => {
  for (const example of EXAMPLES.filter(({ topics }) => !topics)) test(nameOf(example), () => followExample(example, ""));
});

describe("examples with Kafka", needs("kafka", "kcat", "go"), () => {
  let kafka: SharedKafka;
  before(async () => {
    kafka = await sharedKafka();
  });
  after(() => kafka.stop());
  for (const example of EXAMPLES.filter(({ topics }) => topics)) test(nameOf(example), () => followExample(example, kafka.bootstrap));
});
