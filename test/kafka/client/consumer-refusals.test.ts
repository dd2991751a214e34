import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../../src/core/status.ts";
import { UnsupportedVersion } from "../../../src/kafka/client/link.ts";
import { HELD_MS } from "../../../src/kafka/client/membership.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { ConsumerScript, given, INTERVAL_MS, memberOf, settle } from "../../kit/consumer-script.ts";

for (const error of [ErrorCode.GROUP_MAX_SIZE_REACHED, ErrorCode.UNRELEASED_INSTANCE_ID])
  test(`what passes (${error}) is waited for, and said`, async () => {
    const script = new ConsumerScript();
    script.beats = [{ error, message: "not now" }, given(0)];
    const { heard, runtime, pass, end } = memberOf(script);
    await settle();
    assert.match(runtime.lines.join(""), /group 'g': .*; the broker says: not now/);
    await pass(HELD_MS);
    assert.deepEqual(heard, ["assigned 0"]);
    await end();
  });

for (const [error, code, event] of [
  [ErrorCode.GROUP_AUTHORIZATION_FAILED, Code.PERMISSION_DENIED, ["binding.kafka.group.authorization.failed"]],
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED, Code.PERMISSION_DENIED, ["binding.kafka.topic.authorization.failed"]],
  [ErrorCode.UNSUPPORTED_ASSIGNOR, Code.FAILED_PRECONDITION, []],
  [ErrorCode.FENCED_INSTANCE_ID, Code.ABORTED, []],
] as const)
  test(`what does not pass (${error}) ends the membership, and with it what it had`, async () => {
    const script = new ConsumerScript();
    script.beats = [given(0), {}, { error }];
    const { failed, heard, runtime, pass } = memberOf(script);
    await settle();
    await pass(INTERVAL_MS);
    assert.deepEqual(heard, ["assigned 0", "lost 0"]);
    assert.deepEqual(
      failed.map((status) => status.code),
      [code],
    );
    assert.deepEqual(
      runtime.heard.map((one) => one.event),
      event,
    );
  });

for (const [name, answer] of [
  ["does not know of it", new UnsupportedVersion("ConsumerGroupHeartbeat", "broker:9092")],
  ["has it switched off", { error: ErrorCode.UNSUPPORTED_VERSION }],
] as const)
  test(`a broker that ${name} is said not to speak the protocol, and the key that chooses the other is named`, async () => {
    const script = new ConsumerScript();
    script.beats = [answer];
    const { failed, runtime } = memberOf(script);
    await settle();
    assert.deepEqual(
      failed.map(({ code }) => code),
      [Code.FAILED_PRECONDITION],
    );
    assert.match(failed[0]!.message, /group 'g'.*does not speak the consumer group protocol \(KIP-848; Apache Kafka 4\.0 or later/);
    assert.match(failed[0]!.message, /set 'group-protocol: classic' in the options of the kafka client$/);
    assert.deepEqual(
      runtime.heard.map(({ event }) => event),
      ["binding.kafka.group.protocol.unsupported"],
    );
  });

test("a group that members of another kind hold is said to be just that, and tried again", async () => {
  const script = new ConsumerScript();
  script.beats = [{ error: ErrorCode.GROUP_ID_NOT_FOUND }, { error: ErrorCode.INCONSISTENT_GROUP_PROTOCOL }, given(0)];
  script.protocol = "range";
  const { pass, heard, runtime, end } = memberOf(script);
  await settle();
  assert.match(
    runtime.lines.join(""),
    /group 'g' is held by members of another protocol \(range\) that cannot share it; stop them, or set 'group-protocol: classic'/,
  );
  await pass(2 * HELD_MS);
  assert.deepEqual(heard, ["assigned 0"]);
  assert.equal(script.ids.size, 1);
  await end();
});

test("a group that the original's members hold is not joined before they are gone, though the broker would allow it", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0)];
  script.protocol = "rebalance";
  const { membership, pass, heard, runtime, end } = memberOf(script);
  await settle();
  await pass(HELD_MS);
  await membership.leave();
  assert.deepEqual(script.said, []);
  assert.match(
    runtime.lines.join(""),
    /group 'g' is still held by the original's members \(protocol rebalance\); stop them, or use another group/,
  );
  script.protocol = "";
  await pass(HELD_MS);
  assert.deepEqual(heard, ["assigned 0"]);
  await end();
});
