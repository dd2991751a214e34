// Logs that belong to no topic when a broker starts.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startBroker } from "../../../src/broker/start-broker.ts";
import { clearStrays } from "../../../src/broker/topics/strays.ts";
import { produce } from "../../../src/kafka/wire/api/00-produce.ts";
import { createTopics } from "../../../src/kafka/wire/api/19-create-topics.ts";
import { UUID_ZERO } from "../../../src/kafka/wire/type.ts";
import { Asker, running } from "../running.ts";
import { appended, batchOf, FOLDER, listeningLog, logOf, openStore, TOPIC_ID } from "../storage/kit.ts";

const BY_NAME = 12;
const ORDERS = { id: TOPIC_ID, partitions: 1, own: {} };

test("a log with records that no known topic has is set aside, and said so", async () => {
  const { store, disk } = await openStore();
  await appended(await logOf(store), batchOf(["k=1"]));
  await store.close();
  const { log, said } = listeningLog();
  const again = await openStore({ disk });
  await clearStrays(again.store, { topics: new Map(), deleted: new Set() }, log);
  assert.deepEqual(await again.store.list(), []);
  const [aside, ...more] = (await disk.list(FOLDER)).filter((name) => name.endsWith("-stray"));
  assert.match(aside ?? "", /^orders-0\.[0-9a-f]{32}-stray$/);
  assert.deepEqual(more, []);
  assert.deepEqual(said, [
    {
      level: "warn",
      message: "a log belongs to no topic that is known: it was set aside, and is yours to remove",
      facts: { partition: "orders-0", folder: `${FOLDER}/${aside}` },
    },
  ]);
  await again.store.close();
  const third = await openStore({ disk });
  await third.store.close();
  assert.ok((await disk.list(FOLDER)).includes(aside ?? ""), "it is left alone from then on");
});

const kept = async (known: Parameters<typeof clearStrays>[1]): Promise<readonly string[]> => {
  const { store, disk } = await openStore();
  await appended(await logOf(store), batchOf(["k=1"]));
  await store.close();
  const again = await openStore({ disk });
  const { log, said } = listeningLog();
  await clearStrays(again.store, known, log);
  await again.store.close();
  const folders = (await disk.list(FOLDER)).filter((name) => name.startsWith("orders"));
  return [...folders.map((name) => name.replace(/\.[0-9a-f]{32}/, "")), ...said.map(({ level }) => level)];
};

test("what a topic has stays; what is another topic's of that name, or beyond its partitions, is set aside", async () => {
  const deleted = new Set<string>();
  assert.deepEqual(await kept({ topics: new Map([["orders", ORDERS]]), deleted }), ["orders-0"]);
  assert.deepEqual(await kept({ topics: new Map([["orders", { ...ORDERS, id: "other" }]]), deleted }), ["orders-0-stray", "warn"]);
  assert.deepEqual(await kept({ topics: new Map([["orders", { ...ORDERS, partitions: 0 }]]), deleted }), ["orders-0-stray", "warn"]);
});

test("a log of a topic that was deleted goes, and nothing is said", async () => {
  assert.deepEqual(await kept({ topics: new Map(), deleted: new Set([TOPIC_ID]) }), []);
});

test("a log that never held anything goes", async () => {
  const { store, disk } = await openStore();
  await logOf(store);
  await store.close();
  const again = await openStore({ disk });
  await clearStrays(again.store, { topics: new Map(), deleted: new Set() }, listeningLog().log);
  await again.store.close();
  assert.deepEqual(await disk.list(FOLDER), ["clean-stop"]);
});

test("a broker that has lost its memory destroys no records", async (context) => {
  const data = mkdtempSync(join(tmpdir(), "sluice-broker-"));
  const first = await startBroker({ data });
  const asker = await Asker.to(first);
  const topic = { name: "orders", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
  await asker.ask(createTopics, { topics: [topic], timeoutMs: 1_000, validateOnly: false });
  const partitionData = [{ index: 0, records: batchOf(["kept"]) }];
  const topicData = [{ name: "orders", topicId: UUID_ZERO, partitionData }];
  await asker.ask(produce, { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData }, BY_NAME);
  await first.close();
  asker.socket.destroy();
  rmSync(join(data, "__sluice_metadata-0"), { recursive: true });
  await running(context, { data });
  const aside = readdirSync(data).find((name) => name.startsWith("orders-0.") && name.endsWith("-stray")) ?? "none";
  const segment = readdirSync(join(data, aside)).find((name) => name.endsWith(".log")) ?? "none";
  assert.ok(statSync(join(data, aside, segment)).size > 0);
});
