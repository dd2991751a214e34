// The settings of groups: their own, or what the broker says for all of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokerSettings } from "../../../src/broker/configs/broker-settings.ts";
import { GroupSettings } from "../../../src/broker/configs/group-settings.ts";
import type { FactChange, Metadata } from "../../../src/broker/metadata.ts";

const NAME = "consumer.heartbeat.interval.ms";

const setUp = () => {
  const kept: FactChange[] = [];
  const metadata = {
    recall: () => new Map([["known", { [NAME]: "9000" }]]),
    remember: async (change: FactChange) => void kept.push(change),
  };
  // Settings only recall and remember.
  return { settings: new GroupSettings(metadata as unknown as Metadata), kept };
};

test("a group goes by its own, others by what the broker says", async () => {
  const { settings } = setUp();
  const broker = new BrokerSettings(new Map([[`group.${NAME}`, "7000"]]));
  assert.deepEqual([settings.inForce("known", NAME, broker), settings.inForce("other", NAME, broker)], [9000, 7000]);
  await settings.change("other", new Map([[NAME, "8000"]]));
  assert.equal(settings.inForce("other", NAME, broker), 8000);
  await settings.change("other", new Map());
  assert.equal(settings.inForce("other", NAME, broker), 7000);
});

test("what was changed is remembered, and forgotten when nothing of it is left", async () => {
  const { settings, kept } = setUp();
  await settings.change("g", new Map([[NAME, "8000"]]));
  await settings.change("g", new Map());
  assert.deepEqual(
    kept.map(({ key, fact }) => [key, fact]),
    [
      ["g", { [NAME]: "8000" }],
      ["g", undefined],
    ],
  );
});
