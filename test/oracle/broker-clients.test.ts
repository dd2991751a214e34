// Whoever speaks Kafka on the embedded broker: each client writes, reads, shares a group that changes, and keeps a transaction's promise.
// At the end there is a table of what each one did.
import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { RunningBroker } from "../../src/broker/start-broker.ts";
import { startBroker } from "../../src/broker/start-broker.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { type ClientDriver, DRIVERS } from "../kit/client-drivers.ts";
import { clientOf, type TestClient } from "../kit/client-kafka.ts";
import { isShared, until } from "../kit/group-shares.ts";
import { Fetching, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { createTopics } from "../kit/topics.ts";

const PARTITIONS = 4;
const VALUES = Array.from({ length: 20 }, (_, at) => `value-${at}`);
const CELLS = ["produce", "consume", "group", "transaction"] as const;
type Cell = (typeof CELLS)[number];

const table = new Map<string, Map<Cell, string>>();
const note = (client: string, cell: Cell, how: string): void => {
  const row = table.get(client) ?? new Map<Cell, string>();
  table.set(client, row.set(cell, how));
};

let broker: RunningBroker;
let own: TestClient;
before(async () => {
  broker = await startBroker();
  own = clientOf(broker.bootstrap);
  await own.client.start();
});
after(async () => {
  await own.client.close();
  await broker.close();
  const lines = [...table].map(([client, row]) => `${client.padEnd(22)}${CELLS.map((cell) => (row.get(cell) ?? "-").padEnd(13)).join("")}`);
  process.stdout.write(`${"".padEnd(22)}${CELLS.map((cell) => cell.padEnd(13)).join("")}\n${lines.join("\n")}\n`);
});

/** What our own client reads of a topic: what is committed. */
const stored = async (topic: string, count: number): Promise<readonly string[]> => {
  const fetching = new Fetching(own.client, { topic });
  await fetching.until(count);
  fetching.cancel();
  return [...fetching.values].sort();
};

const written = async (topic: string, values: readonly string[]): Promise<void> => {
  for (const value of values)
    await produced(own.client, { topic, acks: "in_sync_replicas" }, [{ key: null, value: utf8(value), headers: [] }]);
};

const claims: Readonly<Record<Cell, (client: ClientDriver, topic: string, t: TestContext) => Promise<void>>> = {
  async produce({ produce }, topic) {
    await produce({ bootstrap: broker.bootstrap, topic }, VALUES);
    assert.deepEqual(await stored(topic, VALUES.length), [...VALUES].sort());
  },
  async consume({ consume }, topic) {
    await written(topic, VALUES);
    assert.deepEqual([...(await consume({ bootstrap: broker.bootstrap, topic }, VALUES.length))].sort(), [...VALUES].sort());
  },
  async group({ join }, topic, t) {
    const group = `shared-${topic}`;
    const at = { bootstrap: broker.bootstrap, topic };
    const one = await join(at, group);
    t.after(one);
    await until("all for one", isShared(at.bootstrap, group, PARTITIONS));
    const other = await join(at, group);
    t.after(other);
    await until("half each", isShared(at.bootstrap, group, PARTITIONS / 2, PARTITIONS / 2));
    await other();
    await until("all for one again", isShared(at.bootstrap, group, PARTITIONS));
  },
  async transaction({ transact }, topic) {
    await transact?.({ bootstrap: broker.bootstrap, topic });
    await written(topic, ["after"]);
    assert.deepEqual(await stored(topic, 2), ["after", "committed"]);
  },
};

for (const client of DRIVERS)
  describe(client.name, needs(...client.needs), () => {
    for (const cell of CELLS) {
      if (cell === "transaction" && !client.transact) continue;
      test(cell, { timeout: 90_000 }, async (t) => {
        note(client.name, cell, "✖");
        const reason = await client.missing();
        if (reason !== undefined) {
          note(client.name, cell, "left out");
          t.skip(reason);
          return;
        }
        const topic = `${client.name.replaceAll(/\W/g, "-")}-${cell}`;
        await createTopics(broker.bootstrap, { [topic]: PARTITIONS });
        await claims[cell](client, topic, t);
        note(client.name, cell, "✔");
      });
    }
  });
