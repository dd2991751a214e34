// What engine properties say for all kafka bindings.
import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { cacheServer } from "../../../src/bindings/kafka/cache-server.ts";
import { client } from "../../../src/bindings/kafka/client.ts";
import { KafkaSource } from "../../../src/kafka/log/topic-source.ts";
import { Fetching } from "../../kit/kafka-callers.ts";
import { MemoryKafka } from "../../kit/memory-kafka.ts";
import { MemorySource } from "../../kit/memory-source.ts";
import { recordWith } from "../../kit/receipts.ts";
import { NOWHERE, testExits, testRuntime } from "../../kit/runtime.ts";

const named = { namespace: "test", name: "kafka0", place: NOWHERE, routes: [{ exit: "next", topics: [] }] };

/** The client id of the first request that a client sends (request header: length, key, version, correlation id, then it). */
const firstClientId = async (properties: Readonly<Record<string, string>>): Promise<string> => {
  const sockets: Socket[] = [];
  let heard: (bytes: Buffer) => void = () => {};
  const first = new Promise<Buffer>((resolve) => {
    heard = resolve;
  });
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.once("data", heard);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const config = {
    ...named,
    servers: [{ host: "127.0.0.1", port }],
    timeoutMs: 1_000,
    decompressedBatchBytes: 1_000_000,
    produceBytes: 1_000_000,
  };
  const connector = { connect: () => assert.fail("the client dials by itself"), dial: { allows: () => true } };
  const bound = client.bind({ ...config, groupProtocol: "classic" }, testExits({ next: { connector } }), testRuntime({ properties }));
  await bound.start!();
  const reader = new Fetching(bound.ports.kafka!, { topic: "t" });
  const bytes = await first;
  reader.cancel();
  await bound.close!();
  for (const socket of sockets) socket.destroy();
  server.close();
  return bytes.subarray(14, 14 + bytes.readInt16BE(12)).toString();
};

test("the client id that brokers are shown comes from the property", { timeout: 10_000 }, async () => {
  assert.equal(await firstClientId({}), "sluice");
  assert.equal(await firstClientId({ "zilla.binding.kafka.client.id": "orders" }), "orders");
});

test("a cache that is not to bootstrap reads a topic when somebody reads it", async () => {
  for (const [text, readers] of [
    ["true", 1],
    ["false", 0],
  ] as const) {
    const memory = new MemoryKafka();
    const kafka = {
      produce: memory.produce,
      fetch: memory.fetch,
      consume: memory.consume,
      source: new KafkaSource(() => new MemorySource(memory)),
    };
    const properties = { "zilla.binding.kafka.cache.server.bootstrap": text };
    const bound = cacheServer.bind(
      { ...named, bootstrap: ["t"], topics: [], logBytes: 1_000_000, replyIndexBytes: 1_000_000 },
      testExits({ next: { kafka } }),
      testRuntime({ properties }),
    );
    await bound.start!();
    assert.equal(memory.readers, readers, text);
    memory.write("t", recordWith("v"));
    const reader = new Fetching(bound.ports.kafka!, { topic: "t" });
    await reader.until(1);
    reader.cancel();
    await bound.close!();
  }
});
