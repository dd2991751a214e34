// Kafka as it is found in the world: behind TLS, SASL, or both, of either supported generation, configured in either dialect.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { KAFKA_VERSIONS } from "../kafka-server/jars.ts";
import { USERS } from "../kafka-server/properties.ts";
import { type KafkaServer, type SecureListeners, startKafka } from "../kafka-server/server.ts";
import { ECHO } from "../kit/backend.ts";
import { call, channelTo } from "../kit/grpc-client.ts";
import { needs } from "../kit/needs.ts";
import { startScenario } from "../kit/scenario.ts";
import { createTopics } from "../kit/topics.ts";

type Dialect = "1.x" | "2.x";
type Mechanism = "plain" | "scram-sha-256" | "scram-sha-512";

interface Way {
  readonly name: string;
  readonly listener: (secure: SecureListeners) => string;
  readonly tls?: "trust" | "mutual";
  readonly sasl?: { readonly dialect: Dialect; readonly mechanism: Mechanism; readonly password?: string };
}

const WAYS: readonly Way[] = [
  { name: "SASL PLAIN, as in 1.x", listener: ({ sasl }) => sasl, sasl: { dialect: "1.x", mechanism: "plain" } },
  { name: "SASL SCRAM-SHA-256, as in 2.x", listener: ({ sasl }) => sasl, sasl: { dialect: "2.x", mechanism: "scram-sha-256" } },
  { name: "TLS with a private authority", listener: ({ tls }) => tls, tls: "trust" },
  { name: "mutual TLS", listener: ({ mutualTls }) => mutualTls, tls: "mutual" },
  {
    name: "SASL PLAIN over TLS, as in 2.x",
    listener: ({ saslTls }) => saslTls,
    tls: "trust",
    sasl: { dialect: "2.x", mechanism: "plain" },
  },
  {
    name: "SASL SCRAM-SHA-512 over TLS, as in 1.x",
    listener: ({ saslTls }) => saslTls,
    tls: "trust",
    sasl: { dialect: "1.x", mechanism: "scram-sha-512" },
  },
];

const TOPIC = "echo-messages";

const vaultOf = ({ certificates }: SecureListeners, tls: "trust" | "mutual"): string => {
  const keys = `      keys:\n        store: ${certificates.client.keystore}\n        type: pem\n`;
  const trust = `      trust:\n        store: ${certificates.authority}\n        type: pem\n`;
  return `vaults:\n  kafka_vault:\n    type: filesystem\n    options:\n${tls === "mutual" ? keys : ""}${trust}`;
};

const saslOf = ({ dialect, mechanism, password = USERS.alice }: NonNullable<Way["sasl"]>): string => {
  const values = (indent: string): string => `${indent}mechanism: ${mechanism}\n${indent}username: alice\n${indent}password: ${password}\n`;
  if (dialect === "1.x") return `      sasl:\n${values("        ")}`;
  return `      authorization:\n        kafka_guard:\n          credentials:\n${values("            ")}`;
};

const GUARD = "guards:\n  kafka_guard:\n    type: inline\n    options:\n      identity: alice\n";
const TLS_CLIENT = "  south_tls_client:\n    type: tls\n    kind: client\n    vault: kafka_vault\n    exit: south_tcp_client\n";

/** What to replace in the example's zilla.yaml to reach the broker that way. */
const replacementsOf = (way: Way, secure: SecureListeners): Record<string, string> => {
  const top = `${way.tls ? vaultOf(secure, way.tls) : ""}${way.sasl?.dialect === "2.x" ? GUARD : ""}`;
  const servers = `        - \${{env.KAFKA_BOOTSTRAP_SERVER}}\n`;
  return {
    "catalogs:\n": `${top}catalogs:\n`,
    [servers]: `${servers}${way.sasl ? saslOf(way.sasl) : ""}`,
    ...(way.tls
      ? { "    exit: south_tcp_client\n": "    exit: south_tls_client\n", "  south_tcp_client:\n": `${TLS_CLIENT}  south_tcp_client:\n` }
      : {}),
  };
};

/** One call through grpc.kafka.echo that reaches the broker that way. */
const callThrough = async (
  way: Way,
  secure: SecureListeners,
  timeoutMs: number,
): Promise<{ readonly code: number; readonly reply: string }> => {
  const environment = { KAFKA_BOOTSTRAP_SERVER: way.listener(secure) };
  const scenario = await startScenario({ example: "grpc.kafka.echo", replace: replacementsOf(way, secure), sluice: { environment } });
  const client = channelTo(scenario.port);
  try {
    const { code, replies } = await call(client, { path: ECHO.unary, requests: [Buffer.from(way.name)], timeoutMs });
    return { code, reply: String(replies[0] ?? "") };
  } finally {
    client.close();
    await scenario.stop();
  }
};

for (const version of KAFKA_VERSIONS) {
  describe(`a secure Apache Kafka ${version}`, needs("kafka", "openssl"), () => {
    let kafka: KafkaServer;
    let secure: SecureListeners;
    before(async () => {
      kafka = await startKafka({ version, secure: true });
      assert.ok(kafka.secure);
      secure = kafka.secure;
      await createTopics(kafka.bootstrap, { [TOPIC]: 1 });
    });
    after(() => kafka.stop());

    for (const way of WAYS) {
      test(`is reached by ${way.name}`, async () => {
        assert.deepEqual(await callThrough(way, secure, 15_000), { code: status.OK, reply: way.name });
      });
    }

    test("is not reached with a wrong password, nor without the client certificate it asks for", async () => {
      const wrong: Way = { name: "wrong", listener: ({ sasl }) => sasl, sasl: { dialect: "1.x", mechanism: "plain", password: "guess" } };
      const bare: Way = { name: "bare", listener: ({ mutualTls }) => mutualTls, tls: "trust" };
      for (const way of [wrong, bare]) assert.notEqual((await callThrough(way, secure, 3_000)).code, status.OK);
    });
  });
}
