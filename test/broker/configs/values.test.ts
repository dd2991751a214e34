// Settings: which texts are values, how lists are changed, and which value holds.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import { type Altered, alteredValues } from "../../../src/broker/configs/alteration.ts";
import { BROKER_CONFIGS } from "../../../src/broker/configs/broker-definitions.ts";
import { BrokerSettings } from "../../../src/broker/configs/broker-settings.ts";
import { checkedValue } from "../../../src/broker/configs/definition.ts";
import { GROUP_CONFIGS } from "../../../src/broker/configs/group-definitions.ts";
import { checkedGroupValues } from "../../../src/broker/configs/group-settings.ts";
import { parseOffsetReset } from "../../../src/broker/configs/offset-reset.ts";
import { TOPIC_CONFIGS, topicConfig } from "../../../src/broker/configs/topic-definitions.ts";
import { checkedTopicValues, describeTopic, logConfigOf, topicValue } from "../../../src/broker/configs/topic-settings.ts";
import { DEFAULT_LOG_CONFIG } from "../../../src/broker/storage/log-config.ts";

const NONE: ReadonlyMap<string, string> = new Map();
const refusal = (name: string) => (reason: unknown) => reason instanceof BrokerError && reason.name === name;

const check = (name: string, text: string): string => {
  const definition = topicConfig(name);
  assert.ok(definition);
  return checkedValue(definition, text);
};

describe("where a share group begins", () => {
  const good = {
    latest: "latest",
    earliest: "earliest",
    "by_duration:P1DT2H3M4.5S": { agoMs: 93_784_500 },
    "by_duration:PT0S": { agoMs: 0 },
  };
  for (const [text, reset] of Object.entries(good)) test(text, () => assert.deepEqual(parseOffsetReset(text), reset));
  test("is nothing else", () => {
    for (const text of ["", "none", "by_duration:", "by_duration:P", "by_duration:PT", "by_duration:PT-1S", "by_duration:1H"]) {
      assert.equal(parseOffsetReset(text), undefined, text);
      assert.throws(() => checkedGroupValues(new Map([["share.auto.offset.reset", text]])), refusal("INVALID_CONFIG"), text);
    }
  });
});

describe("values", () => {
  const good = {
    "retention.ms": [" -1 ", "-1"],
    "segment.bytes": ["1048576", "1048576"],
    "flush.ms": ["9223372036854775807", "9223372036854775807"],
    preallocate: ["TRUE", "true"],
    "min.cleanable.dirty.ratio": ["0.25", "0.25"],
    "cleanup.policy": ["compact,delete", "compact,delete"],
    "message.timestamp.type": ["LogAppendTime", "LogAppendTime"],
  } as const;
  for (const [name, [text, value]] of Object.entries(good)) test(`${name}=${text} is one`, () => assert.equal(check(name, text), value));

  const bad = {
    "retention.ms": "-2",
    "segment.bytes": "14",
    "flush.ms": "9223372036854775808",
    "max.message.bytes": "2147483648",
    preallocate: "yes",
    "min.cleanable.dirty.ratio": "2",
    "cleanup.policy": "compact,squash",
    "message.timestamp.type": "Now",
  };
  for (const [name, text] of Object.entries(bad))
    test(`${name}=${text} is none`, () => assert.throws(() => check(name, text), refusal("INVALID_CONFIG")));

  test("every default is a value of its setting", () => {
    for (const definition of [...TOPIC_CONFIGS, ...BROKER_CONFIGS, ...GROUP_CONFIGS]) {
      if (definition.fallback !== null && definition.name !== "node.id") checkedValue(definition, definition.fallback);
    }
  });

  test("settings that contradict each other are refused", () => {
    const values = new Map([
      ["min.compaction.lag.ms", "10"],
      ["max.compaction.lag.ms", "5"],
    ]);
    assert.throws(() => checkedTopicValues(values, new BrokerSettings(NONE)), refusal("INVALID_CONFIG"));
    assert.throws(() => checkedTopicValues(new Map([["foo", "1"]]), new BrokerSettings(NONE)), refusal("INVALID_CONFIG"));
  });
});

describe("changes", () => {
  const altered: Altered = {
    own: new Map([["cleanup.policy", "delete"]]),
    definition: topicConfig,
    inForce: (name) => (name === "cleanup.policy" ? "delete" : ""),
  };
  const after = (configOperation: number, value: string | null, name = "cleanup.policy") =>
    alteredValues(altered, [{ name, configOperation, value }]).get(name);

  test("set, delete, append and subtract", () => {
    assert.equal(after(0, "compact"), "compact");
    assert.equal(after(1, null), undefined);
    assert.equal(after(2, "compact,delete"), "delete,compact");
    assert.equal(after(3, "delete"), "");
  });

  test("a number is no list, a name is there once, a value is given", () => {
    assert.throws(() => after(2, "1", "retention.ms"), refusal("INVALID_CONFIG"));
    assert.throws(() => after(0, null), refusal("INVALID_REQUEST"));
    const twice = [0, 1].map(() => ({ name: "retention.ms", configOperation: 0, value: "1" }));
    assert.throws(() => alteredValues(altered, twice), refusal("INVALID_REQUEST"));
  });
});

describe("what holds", () => {
  test("a topic's own value goes before the node's, all nodes', the given and the default", () => {
    const broker = new BrokerSettings(new Map([["log.retention.bytes", "1"]]));
    const value = (own: ReadonlyMap<string, string> = NONE) => topicValue("retention.bytes", { own, broker });
    assert.equal(topicValue("retention.bytes", { own: NONE, broker: new BrokerSettings(NONE) }), "-1");
    assert.equal(value(), "1");
    broker.change("all", new Map([["log.retention.bytes", "2"]]));
    assert.equal(value(), "2");
    broker.change("node", new Map([["log.retention.bytes", "3"]]));
    assert.equal(value(), "3");
    assert.equal(value(new Map([["retention.bytes", "4"]])), "4");
    const options = { names: ["retention.bytes"], withSynonyms: true, withDocumentation: false };
    const [told] = describeTopic({ own: new Map([["retention.bytes", "4"]]), broker }, options);
    assert.deepEqual(
      told?.synonyms.map(({ value, source }) => [value, source]),
      [
        ["4", 1],
        ["3", 2],
        ["2", 3],
        ["1", 4],
        ["-1", 5],
      ],
    );
  });

  test("without any, logs follow Apache Kafka's defaults", () => {
    assert.deepEqual(logConfigOf({ own: NONE, broker: new BrokerSettings(NONE) }), DEFAULT_LOG_CONFIG);
  });
});
