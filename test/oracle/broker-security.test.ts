// The same conversations with the embedded broker and with Apache Kafka, message for message: authentication in and out of order, access
// rules, SCRAM users. What is compared is the whole answer.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { saltedPassword } from "../../src/broker/sasl/scram-keys.ts";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { metadata } from "../../src/kafka/wire/api/03-metadata.ts";
import { saslHandshake } from "../../src/kafka/wire/api/17-sasl-handshake.ts";
import { apiVersions } from "../../src/kafka/wire/api/18-api-versions.ts";
import { describeAcls } from "../../src/kafka/wire/api/29-describe-acls.ts";
import { createAcls } from "../../src/kafka/wire/api/30-create-acls.ts";
import { deleteAcls } from "../../src/kafka/wire/api/31-delete-acls.ts";
import { saslAuthenticate } from "../../src/kafka/wire/api/36-sasl-authenticate.ts";
import { describeUserScramCredentials } from "../../src/kafka/wire/api/50-describe-user-scram-credentials.ts";
import { alterUserScramCredentials } from "../../src/kafka/wire/api/51-alter-user-scram-credentials.ts";
import { USERS } from "../kafka-server/properties.ts";
import { type KafkaServer, startKafka } from "../kafka-server/server.ts";
import { needs } from "../kit/needs.ts";
import { RawKafka } from "../kit/raw-kafka.ts";

/** What is said on a connection of its own, and the answers. */
type Talk = (connection: RawKafka) => Promise<unknown>;

const shake = (connection: RawKafka, mechanism: string, version = 1) => connection.ask(saslHandshake, version, { mechanism });
const send = (connection: RawKafka, message: string, version = 2) =>
  connection.ask(saslAuthenticate, version, { authBytes: utf8(message) });
const allTopics = { ...metadata.request.empty, topics: null };

const as = async (connection: RawKafka, user: keyof typeof USERS): Promise<RawKafka> => {
  await shake(connection, "PLAIN");
  await send(connection, `\0${user}\0${USERS[user]}`);
  return connection;
};

/** In order; and whether the connection was closed in the end. */
const andThen = async (connection: RawKafka, ...steps: readonly (() => Promise<unknown>)[]): Promise<unknown> => {
  const answers: unknown[] = [];
  for (const step of steps) answers.push(await step());
  return [...answers, { closed: await connection.closes() }];
};
const refusedAfter = (mechanism: string, ...messages: readonly string[]): Talk => {
  return (to) => andThen(to, () => shake(to, mechanism), ...messages.map((message) => () => send(to, message)));
};

const AUTHENTICATION: Readonly<Record<string, Talk>> = {
  "a mechanism that is not offered": (to) => andThen(to, () => shake(to, "GSSAPI")),
  "a mechanism that is not offered, in the oldest version": (to) => andThen(to, () => shake(to, "OAUTHBEARER", 0)),
  "a wrong password": refusedAfter("PLAIN", "\0alice\0wrong"),
  "an unknown user": refusedAfter("PLAIN", "\0nobody\0wrong"),
  "no password": refusedAfter("PLAIN", "\0alice\0"),
  "no user": refusedAfter("PLAIN", "\0\0secret"),
  "another authorization id": refusedAfter("PLAIN", `bob\0alice\0${USERS.alice}`),
  "a malformed message": refusedAfter("PLAIN", "alice"),
  "a malformed message of SCRAM": refusedAfter("SCRAM-SHA-256", "n,,x=alice,r=abc"),
  "another authorization id by SCRAM": refusedAfter("SCRAM-SHA-512", "n,a=bob,n=alice,r=abc"),
  "a SASL message without a handshake": (to) => andThen(to, () => send(to, "\0alice\0wrong")),
  "a request without authentication": (to) => andThen(to, () => to.ask(metadata, 12, allTopics)),
  "a second handshake": (to) =>
    andThen(
      to,
      () => shake(to, "PLAIN"),
      () => shake(to, "PLAIN"),
    ),
  "the right password": async (to) => [await shake(to, "PLAIN"), await send(to, `\0alice\0${USERS.alice}`)],
  "the right password in the oldest versions": async (to) => [await shake(to, "PLAIN", 1), await send(to, `\0alice\0${USERS.alice}`, 0)],
  "the right password without headers": async (to) => [
    await shake(to, "PLAIN", 0),
    await to.bare(utf8(`\0alice\0${USERS.alice}`)),
    await to.ask(apiVersions, 0, apiVersions.request.empty).then((answer) => typeof answer),
  ],
  "a wrong password without headers": async (to) => [await shake(to, "PLAIN", 0), await to.bare(utf8("\0alice\0wrong"))],
  "a handshake after authentication": async (to) => shake(await as(to, "alice"), "PLAIN"),
  "a SASL message after authentication": async (to) => send(await as(to, "alice"), "\0alice\0x"),
};

const renewed = async (to: RawKafka, mechanism: string, ...messages: readonly string[]): Promise<unknown> =>
  andThen(await as(to, "alice"), () => shake(to, mechanism), ...messages.map((message) => () => send(to, message)));

const RENEWAL: Readonly<Record<string, Talk>> = {
  "with another user": (to) => renewed(to, "PLAIN", `\0bob\0${USERS.bob}`),
  "with a wrong password": (to) => renewed(to, "PLAIN", "\0alice\0wrong"),
  "by another mechanism": (to) => renewed(to, "SCRAM-SHA-256", "n,,n=alice,r=abc"),
  "twice at once": async (to) => {
    await as(await as(to, "alice"), "alice");
    return shake(to, "PLAIN");
  },
};

const creation = {
  resourceType: 2,
  resourceName: "t",
  resourcePatternType: 3,
  principal: "User:bob",
  host: "*",
  operation: 3,
  permissionType: 3,
};
const filter = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
};
const create = (connection: RawKafka, ...creations: readonly (typeof creation)[]) => connection.ask(createAcls, 3, { creations });
const find = (connection: RawKafka, of: Partial<Parameters<typeof describeAcls.request.write>[1]> = {}) =>
  connection.ask(describeAcls, 3, { ...filter, ...of });
const remove = (connection: RawKafka, ...filters: readonly Parameters<typeof describeAcls.request.write>[1][]) =>
  connection.ask(deleteAcls, 3, { filters });

const RULES: Readonly<Record<string, Talk>> = {
  "there are none at first": async (to) => find(await as(to, "alice")),
  "some are made, some are wrong": async (to) =>
    create(
      await as(to, "alice"),
      creation,
      creation,
      { ...creation, resourceName: "pre", resourcePatternType: 4, operation: 4 },
      { ...creation, resourceName: "*", permissionType: 2, host: "10.0.0.1" },
      { ...creation, resourceType: 4, resourceName: "kafka-cluster", operation: 8 },
      { ...creation, resourceType: 4, resourceName: "other" },
      { ...creation, resourceName: "" },
    ),
  "all are found": async (to) => find(await as(to, "alice")),
  "those that concern a name are found": async (to) => find(await as(to, "alice"), { resourceNameFilter: "prefix", patternTypeFilter: 2 }),
  "those of a principal are found": async (to) => find(await as(to, "alice"), { principalFilter: "User:nobody" }),
  "bob may describe the cluster by a rule": async (to) => find(await as(to, "bob"), { operation: 8 }),
  "bob may not make any": async (to) => create(await as(to, "bob"), creation),
  "bob may not delete any": async (to) => remove(await as(to, "bob"), filter, filter),
  "some are deleted": async (to) =>
    remove(await as(to, "alice"), { ...filter, resourceNameFilter: "t" }, { ...filter, resourceNameFilter: "x" }),
  "the rest is deleted": async (to) => remove(await as(to, "alice"), filter),
  "none is left": async (to) => find(await as(to, "alice")),
  "bob may no longer describe the cluster": async (to) => find(await as(to, "bob")),
};

const salted = { salt: utf8("some salt"), iterations: 4_096 };
const upsertion = (name: string, of: { readonly mechanism?: number; readonly iterations?: number } = {}) => ({
  ...salted,
  name,
  mechanism: 1,
  saltedPassword: saltedPassword("SCRAM-SHA-256", "secret", salted),
  ...of,
});
const alter = (connection: RawKafka, deletions: readonly string[], upsertions: readonly ReturnType<typeof upsertion>[]) =>
  connection.ask(alterUserScramCredentials, 0, { deletions: deletions.map((name) => ({ name, mechanism: 1 })), upsertions });
const describeUsers = (connection: RawKafka, ...names: readonly string[]) =>
  connection.ask(describeUserScramCredentials, 0, { users: names.map((name) => ({ name })) });

const SCRAM: Readonly<Record<string, Talk>> = {
  "users are made, and what is wrong is told": async (to) =>
    alter(
      await as(to, "alice"),
      ["nobody", "twice"],
      [
        upsertion("carol"),
        upsertion("twice"),
        upsertion("few", { iterations: 4_095 }),
        upsertion("many", { iterations: 16_385 }),
        upsertion("odd", { mechanism: 3 }),
        upsertion(""),
      ],
    ),
  "a user has two mechanisms, one a request": async (to) =>
    alter(await as(to, "alice"), [], [upsertion("carol", { mechanism: 2, iterations: 8_192 })]),
  "a user cannot get two in one request": async (to) =>
    alter(await as(to, "alice"), [], [upsertion("dave"), upsertion("dave", { mechanism: 2 })]),
  "users are described": async (to) => describeUsers(await as(to, "alice"), "carol", "nobody", "dave", "dave"),
  "bob may do neither": async (to) => [
    await describeUsers(await as(to, "bob"), "carol"),
    await alter(to, ["carol"], [upsertion("eve"), upsertion("carol")]),
  ],
  "a user goes, one mechanism a request": async (to) => [
    await alter(await as(to, "alice"), ["carol"], []),
    await describeUsers(to, "carol"),
  ],
};

/** Lists that have an order for nobody; those by user too. */
const UNORDERED = new Set(["mechanisms", "resources", "acls", "matchingAcls", "credentialInfos"]);
/** Who asked is told by the original in its own object's words, which are different each time. */
const NEEDS = /needs (\w+) permission\.$/;

const text = (one: unknown): string => JSON.stringify(one);
const isOfUsers = (list: readonly unknown[]): boolean => typeof list[0] === "object" && list[0] !== null && "user" in list[0];

const comparable = (value: unknown, name = ""): unknown => {
  if (typeof value === "string") return NEEDS.exec(value)?.[0] ?? value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).map(([field, one]) => [field, comparable(one, field)]));
  const list = value.map((one) => comparable(one));
  return UNORDERED.has(name) || isOfUsers(list) ? list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1)) : list;
};

describe("the embedded broker and Apache Kafka", needs("kafka", "openssl"), () => {
  let kafka: KafkaServer;
  let broker: RunningBroker;
  before(async () => {
    const settings = { "connections.max.reauth.ms": "3600000" };
    const properties = {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:alice;User:ANONYMOUS",
      ...settings,
    };
    kafka = await startKafka({ secure: true, properties });
    broker = await startBroker({ users: USERS, superUsers: ["alice"], settings });
  });
  after(async () => {
    await broker.close();
    await kafka.stop();
  });

  const talked = async (bootstrap: string, talk: Talk): Promise<unknown> => {
    const connection = await RawKafka.open(bootstrap);
    try {
      return comparable(await talk(connection));
    } finally {
      connection.close();
    }
  };

  for (const [area, talks] of Object.entries({ AUTHENTICATION, RENEWAL, RULES, SCRAM }))
    for (const [name, talk] of Object.entries(talks))
      it(`${area.toLowerCase()}: ${name}`, async () => {
        const theirs = await talked(kafka.secure?.sasl ?? "", talk);
        assert.deepEqual(await talked(broker.bootstrap, talk), theirs);
      });
});
