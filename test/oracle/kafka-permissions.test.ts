// Our client against a Kafka that does not allow everything: what callers hear, and what the log and the events say.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AclOperations, AclPermissionTypes, Admin, ResourcePatternTypes, ResourceTypes } from "@platformatic/kafka";
import { Code } from "../../src/core/status.ts";
import type { ClientOptions } from "../../src/kafka/client/client.ts";
import { USERS } from "../kafka-server/properties.ts";
import { type KafkaServer, startKafka } from "../kafka-server/server.ts";
import { clientOf, type TestClient } from "../kit/client-kafka.ts";
import { Consuming, Fetching, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { recordWith } from "../kit/receipts.ts";
import { createTopics } from "../kit/topics.ts";

describe("permissions", needs("kafka", "openssl"), () => {
  let kafka: KafkaServer;
  let alice: TestClient;
  before(async () => {
    kafka = await startKafka({
      secure: true,
      properties: {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
      },
    });
    await createTopics(kafka.bootstrap, { secret: 1, seen: 1, read: 1 });
    await allow("seen", ["DESCRIBE"]);
    await allow("read", ["DESCRIBE", "READ"]);
    alice = asAlice();
    await alice.client.start();
  });
  after(async () => {
    await alice.client.close();
    await kafka.stop();
  });

  const asAlice = (options: Partial<ClientOptions> = {}): TestClient =>
    clientOf(kafka.secure!.sasl, { sasl: { mechanism: "PLAIN", username: "alice", password: USERS.alice }, ...options });
  const allow = async (
    name: string,
    operations: readonly (keyof typeof AclOperations)[],
    type: "TOPIC" | "GROUP" = "TOPIC",
  ): Promise<void> => {
    if (operations.length === 0) return;
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [kafka.bootstrap] });
    const creations = operations.map((operation) => ({
      resourceType: ResourceTypes[type],
      resourceName: name,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: "User:alice",
      host: "*",
      operation: AclOperations[operation],
      permissionType: AclPermissionTypes.ALLOW,
    }));
    await admin.createAcls({ creations });
    await admin.close();
  };
  const heard = (event: string): readonly string[] =>
    alice.runtime.heard.filter((one) => one.event === event).map(({ message }) => message);

  for (const acks of ["leader_only", "in_sync_replicas"] as const)
    test(`a topic that may not be written to is PERMISSION_DENIED (${acks})`, async () => {
      for (const topic of ["secret", "seen"]) {
        const { status } = await produced(alice.client, { topic, acks }, [recordWith("v")]);
        assert.equal(status.code, Code.PERMISSION_DENIED, status.message);
      }
      assert.ok(heard("binding.kafka.topic.authorization.failed").some((message) => message.includes("'secret'")));
    });

  test("a topic that may not be read ends the fetch, seen or not", async () => {
    for (const topic of ["secret", "seen"]) {
      const status = await new Fetching(alice.client, { topic }).ended();
      assert.equal(status.code, Code.PERMISSION_DENIED, status.message);
    }
    assert.ok(heard("binding.kafka.topic.authorization.failed").some((message) => message.includes("'seen'")));
  });

  for (const groupProtocol of ["classic", "consumer"] as const)
    test(`a group that may not be used ends the membership, and is named (${groupProtocol})`, async () => {
      for (const [group, may] of [
        [`not-ours-${groupProtocol}`, []],
        [`only-seen-${groupProtocol}`, ["DESCRIBE"]],
      ] as const) {
        await allow(group, may, "GROUP");
        const { client, runtime } = asAlice({ groupProtocol });
        await client.start();
        const status = await new Consuming(client, { topics: ["read"], group }).ended();
        await client.close();
        assert.equal(status.code, Code.PERMISSION_DENIED, status.message);
        const told = runtime.heard.filter(({ event }) => event === "binding.kafka.group.authorization.failed");
        assert.match(told.map(({ message }) => message).join(), new RegExp(`group '${group}'`));
      }
    });

  test("a member that may use the group, but not see a topic it wants, is told of the topic", async () => {
    await allow("ours", ["DESCRIBE", "READ"], "GROUP");
    const { client, runtime } = asAlice({ groupProtocol: "consumer" });
    await client.start();
    const { code, message } = await new Consuming(client, { topics: ["secret"], group: "ours" }).ended();
    await client.close();
    assert.equal(code, Code.PERMISSION_DENIED, message);
    assert.ok(runtime.heard.some(({ event }) => event === "binding.kafka.topic.authorization.failed"));
  });

  test("what is allowed works beside that, without the right to see the topic's configuration", async () => {
    const { client } = clientOf(kafka.bootstrap);
    await client.start();
    await produced(client, { topic: "read", acks: "leader_only" }, [recordWith("v")]);
    const reading = new Fetching(alice.client, { topic: "read" });
    await reading.until(1);
    reading.cancel();
    await client.close();
    await allow("read", ["WRITE"]);
    let status = { code: Code.PERMISSION_DENIED as number };
    for (let round = 0; round < 50 && status.code !== Code.OK; round++) {
      ({ status } = await produced(alice.client, { topic: "read", acks: "in_sync_replicas" }, [recordWith("w")]));
    }
    assert.equal(status.code, Code.OK);
  });
});
