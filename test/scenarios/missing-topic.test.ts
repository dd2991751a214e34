// A request topic that nobody has made yet: the program says so once, with where, and takes calls when it appears.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { ECHO, startBackend } from "../kit/backend.ts";
import { call, channelTo } from "../kit/grpc-client.ts";
import { needs } from "../kit/needs.ts";
import { startScenario } from "../kit/scenario.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";
import type { Sluice } from "../kit/sluice.ts";
import { createTopics, deleteTopics } from "../kit/topics.ts";

const LOOK_EVERY_MS = 50;
/** It is tried again after 0.2 s, 0.4 s and so on, and each try takes 2 s to be sure. */
const TRIES_MS = 5_000;

const untilSaid = async (sluice: Sluice, text: string): Promise<void> => {
  while (!sluice.log().includes(text)) await setTimeout(LOOK_EVERY_MS);
};

/** A line for whoever runs it, and an event for the exporter. */
const assertSaidOnce = (sluice: Sluice, topic: string, bootstrap: string): void => {
  const about = (text: string): readonly string[] => text.split("\n").filter((line) => line.includes(topic));
  const [line, ...more] = about(sluice.log());
  assert.match(line ?? "", new RegExp(`cannot consume: kafka: topic '${topic}' does not exist .*kafka=${bootstrap}`));
  assert.deepEqual(more, []);
  assert.equal(about(sluice.output()).length, 1, sluice.output());
};

describe("a request topic that does not exist", needs("kafka"), () => {
  test("is named once with its broker; when it is made that is said, and calls are answered", async () => {
    const undo: (() => unknown)[] = [];
    try {
      const kafka = await sharedKafka();
      undo.push(() => kafka.stop());
      const backend = await startBackend();
      undo.push(() => backend.stop());
      const missing = `missing-${process.pid}-${Date.now()}`;
      const scenario = await startScenario({
        ...{ example: "grpc.kafka.proxy", kafka, topics: { "echo-responses": 1 }, backendPort: backend.port },
        replace: { "echo-requests": missing },
      });
      undo.push(() => scenario.stop());
      const { sluice } = scenario;
      await untilSaid(sluice, "cannot consume");
      await setTimeout(TRIES_MS);
      assertSaidOnce(sluice, missing, kafka.bootstrap);
      await createTopics(kafka.bootstrap, { [missing]: 1 });
      undo.push(() => deleteTopics(kafka.bootstrap, [missing]));
      await untilSaid(sluice, "consumes now");
      const client = channelTo(scenario.port);
      undo.push(() => client.close());
      const { code, details } = await call(client, { path: ECHO.unary, requests: [Buffer.from("hello")], timeoutMs: 20_000 });
      assert.equal(code, status.OK, details);
    } finally {
      for (const step of undo.reverse()) await step();
    }
  });
});
