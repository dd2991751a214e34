import assert from "node:assert/strict";
import { test } from "node:test";
import { protocolErrors } from "@platformatic/kafka";
import { Code } from "../../../src/core/status.ts";
import { kafkaError, kafkaStatus } from "../../../src/kafka/wire/errors.ts";

test("every code that the library knows has the same name here", () => {
  let count = 0;
  for (const { id, code } of Object.values(protocolErrors)) {
    if (code === 133) continue; // Renamed between Kafka's versions.
    assert.equal(kafkaError(code).name, id, `code ${code}`);
    count++;
  }
  assert.ok(count > 125);
});

test("what the library calls retriable is retriable here, but for what belongs to groups", () => {
  const OWN_WAY = new Set(["REBALANCE_IN_PROGRESS"]);
  for (const { id, code, canRetry } of Object.values(protocolErrors))
    if (!OWN_WAY.has(id)) assert.equal(kafkaError(code).retriable, canRetry, id);
});

test("every error has a message, and only success is OK", () => {
  for (let code = -1; code <= 133; code++) {
    const { status, name } = kafkaError(code);
    assert.equal(status.code === Code.OK, code === 0, name);
    assert.equal(status.message === "", code === 0, name);
  }
});

test("a status names its subject and the code", () => {
  assert.deepEqual(kafkaStatus(3, "topic 'x'"), {
    code: Code.FAILED_PRECONDITION,
    message: "kafka: topic 'x': the topic or partition does not exist (UNKNOWN_TOPIC_OR_PARTITION)",
  });
  assert.equal(kafkaStatus(0, "topic 'x'").code, Code.OK);
});

test("a code of a later Kafka is final, and said so", () => {
  assert.deepEqual(
    [kafkaError(9_999).retriable, kafkaError(9_999).name, kafkaError(9_999).status.code],
    [false, "UNKNOWN_ERROR_9999", Code.INTERNAL],
  );
});
