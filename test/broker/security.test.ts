// Authentication and access rules through the port, by clients that are not ours: kafkajs, and the library's own connection.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as library from "@platformatic/kafka";
import kafkajs, { type SASLOptions } from "kafkajs";
import { saltedPassword } from "../../src/broker/sasl/scram-keys.ts";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
const USERS = { root: "root-secret", alice: "alice, secret=", "bob=,": "bob-secret" };
type User = keyof typeof USERS;
type Mechanism = "plain" | "scram-sha-256" | "scram-sha-512";

let broker: RunningBroker;
before(async () => {
  broker = await startBroker({ users: USERS, superUsers: ["root"], autoCreate: true });
});
after(() => broker.close());

const client = (username: User, { mechanism = "plain" as Mechanism, password = USERS[username] as string } = {}) => {
  // Each mechanism has a type of its own there, with the same fields.
  const sasl = { mechanism, username, password } as SASLOptions;
  return new Kafka({ brokers: [broker.bootstrap], sasl, logLevel: logLevel.NOTHING, retry: { retries: 0 }, connectionTimeout: 5_000 });
};

/** With an admin that is connected; the error that it met, or what it gave. */
const withAdmin = async <T>(kafka: InstanceType<typeof Kafka>, use: (admin: ReturnType<typeof kafka.admin>) => Promise<T>): Promise<T> => {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
};

describe("kafkajs", () => {
  for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
    it(`authenticates by ${mechanism}, also with a name of commas and equals signs`, async () => {
      for (const user of ["alice", "bob=,"] as const)
        assert.deepEqual(await withAdmin(client(user, { mechanism }), (admin) => admin.listTopics()), []);
    });

    it(`is refused by ${mechanism} with a wrong password and told so`, async () => {
      const wrong = client("alice", { mechanism, password: "wrong" });
      await assert.rejects(
        withAdmin(wrong, (admin) => admin.listTopics()),
        /SASL.*failed/,
      );
    });
  }

  it("is not answered without authentication", async () => {
    const kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    await assert.rejects(withAdmin(kafka, (admin) => admin.listTopics()));
  });
});

describe("access rules", () => {
  const rule = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: "orders",
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal: "User:alice",
    host: "*",
    operation: AclOperationTypes.WRITE,
    permissionType: AclPermissionTypes.ALLOW,
  };
  const every = {
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  };
  const described = {
    resourceType: rule.resourceType,
    resourceName: rule.resourceName,
    resourcePatternType: rule.resourcePatternType,
    acls: [{ principal: rule.principal, host: "*", operation: rule.operation, permissionType: rule.permissionType }],
  };

  const produce = async (user: User): Promise<void> => {
    const producer = client(user).producer();
    await producer.connect();
    try {
      await producer.send({ topic: "orders-1", messages: [{ value: "one" }], acks: -1 });
    } finally {
      await producer.disconnect();
    }
  };

  it("are made, listed, followed and deleted", async () => {
    await produce("root");
    await withAdmin(client("root"), async (admin) => {
      await assert.rejects(produce("alice"), /Topic authorization failed/i);
      assert.equal(await admin.createAcls({ acl: [rule] }), true);
      assert.deepEqual((await admin.describeAcls(every)).resources, [described]);
      await produce("alice");
      await assert.rejects(produce("bob=,"), /Topic authorization failed/i);
      const filter = { ...every, resourceName: "orders-1", resourcePatternType: ResourcePatternTypes.MATCH };
      const { filterResponses } = await admin.deleteAcls({ filters: [filter] });
      const gone = filterResponses.map(({ matchingAcls }) => matchingAcls.map(({ resourceName }) => resourceName));
      assert.deepEqual(gone, [["orders"]]);
      assert.deepEqual((await admin.describeAcls(every)).resources, []);
      await assert.rejects(produce("alice"), /Topic authorization failed/i);
    });
  });

  it("are not for those who may not alter the cluster", async () => {
    await withAdmin(client("alice"), async (admin) => {
      await assert.rejects(admin.createAcls({ acl: [rule] }), /Cluster authorization failed/i);
      await assert.rejects(admin.describeAcls(every), /Cluster authorization failed/i);
    });
  });
});

describe("SCRAM users", () => {
  const connected = async (username: string, password: string): Promise<library.Connection> => {
    const connection = new library.Connection("test", { sasl: { mechanism: "SCRAM-SHA-512", username, password } });
    await connection.connect(broker.host, broker.port);
    return connection;
  };
  const using = async <T>(username: string, password: string, use: (connection: library.Connection) => Promise<T>): Promise<T> => {
    const connection = await connected(username, password);
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  };
  const salted = { salt: Buffer.from("some salt"), iterations: 4_096 };
  const carol = {
    ...salted,
    name: "carol",
    mechanism: 2,
    saltedPassword: Buffer.from(saltedPassword("SCRAM-SHA-512", "carols", salted)),
  };
  const alter = library.alterUserScramCredentialsV0.api;
  const describeUsers = library.describeUserScramCredentialsV0.api;

  it("are made, authenticate, are described and go", async () => {
    await using("root", USERS.root, async (root) => {
      await assert.rejects(using("carol", "carols", async () => {}));
      await alter.async(root, [], [carol]);
      await using("carol", "carols", (connection) => library.apiVersionsV3.api.async(connection, "test", "1"));
      await assert.rejects(using("carol", "other", async () => {}));
      const { results } = await describeUsers.async(root, [{ name: "carol" }]);
      assert.deepEqual(results, [
        { user: "carol", errorCode: 0, errorMessage: "", credentialInfos: [{ mechanism: 2, iterations: 4_096 }] },
      ]);
      await alter.async(root, [{ name: "carol", mechanism: 2 }], []);
      await assert.rejects(using("carol", "carols", async () => {}));
      await assert.rejects(describeUsers.async(root, [{ name: "carol" }]));
    });
  });
});
