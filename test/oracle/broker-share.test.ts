// Share groups of the embedded broker, used by Apache Kafka's own consumer and command for them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { concat, utf8 } from "../../src/core/bytes.ts";
import { produce } from "../../src/kafka/wire/api/00-produce.ts";
import { incrementalAlterConfigs } from "../../src/kafka/wire/api/44-incremental-alter-configs.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import { UUID_ZERO } from "../../src/kafka/wire/type.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";
import { RawKafka } from "../kit/raw-kafka.ts";
import { createTopics } from "../kit/topics.ts";

const RECORDS = 25;
const GROUP_RESOURCE = 32;
const TOOLS = "org.apache.kafka.tools.consumer";

const tool = async (name: string, { bootstrap }: RunningBroker, ...more: readonly string[]): Promise<string> => {
  const jvm = ["-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", `${await jarsOf(KAFKA_VERSION)}/*`];
  const args = [...jvm, `${TOOLS}.${name}`, "--bootstrap-server", bootstrap, "--group", "g", ...more];
  return (await runOrFail("java", { args, timeoutMs: 60_000 })).toString("utf8");
};

describe(`Apache Kafka ${KAFKA_VERSION}'s tools and the broker's share groups`, needs("kafka"), () => {
  let broker: RunningBroker;
  before(async () => {
    broker = await startBroker();
    await createTopics(broker.bootstrap, { t: 2 });
    const raw = await RawKafka.open(broker.bootstrap);
    const configs = [{ name: "share.auto.offset.reset", configOperation: 0, value: "earliest" }];
    const resources = [{ resourceType: GROUP_RESOURCE, resourceName: "g", configs }];
    await raw.ask(incrementalAlterConfigs, 1, { resources, validateOnly: false });
    for (const index of [0, 1]) {
      const values = Array.from({ length: RECORDS }, (_, at) => ({ key: null, value: utf8(`${index}-${at}`), headers: [] }));
      const records = concat(encodeBatch(values, { timestampMs: Date.now() }).pieces);
      const topicData = [{ name: "t", topicId: UUID_ZERO, partitionData: [{ index, records }] }];
      await raw.ask(produce, 9, { transactionalId: null, acks: -1, timeoutMs: 5_000, topicData });
    }
    raw.close();
  });
  after(() => broker?.close());

  test("its consumer reads and accepts all records, once", async () => {
    const limits = ["--max-messages", String(2 * RECORDS), "--timeout-ms", "20000"];
    const said = await tool("ConsoleShareConsumer", broker, "--topic", "t", ...limits);
    const lines = said
      .trimEnd()
      .split("\n")
      .filter((line) => /^\d-\d+$/.test(line));
    assert.deepEqual([lines.length, new Set(lines).size], [2 * RECORDS, 2 * RECORDS]);
  });

  test("its command describes the group, and sets it back", async () => {
    const described = await tool("group.ShareGroupCommand", broker, "--describe");
    for (const partition of [0, 1]) assert.match(described, new RegExp(`^g +t +${partition} +\\d+ +0$`, "m"));
    const reset = ["--reset-offsets", "--to-earliest", "--topic", "t", "--execute"];
    assert.match(await tool("group.ShareGroupCommand", broker, ...reset), /^g +t +1 +0$/m);
    const again = await tool("group.ShareGroupCommand", broker, "--describe");
    for (const partition of [0, 1]) assert.match(again, new RegExp(`^g +t +${partition} +0 +${RECORDS}$`, "m"));
  });
});
