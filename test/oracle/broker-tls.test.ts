// The embedded broker with TLS, and with SASL over it, for clients that share no code with it: librdkafka, by kcat, and kafkajs.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import kafkajs from "kafkajs";
import type { TlsOptions } from "../../src/broker/network/tls.ts";
import type { BrokerOptions } from "../../src/broker/options.ts";
import { startBroker } from "../../src/broker/start-broker.ts";
import { type Certificates, makeCertificates } from "../kafka-server/certificates.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";

const TOPIC = "secret";
type Settings = Readonly<Record<string, string>>;

const settled = (settings: Settings): string[] => Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
const write = (bootstrap: string, settings: Settings, values: readonly string[]): Promise<Buffer> =>
  runOrFail("kcat", { args: ["-P", "-b", bootstrap, "-t", TOPIC, ...settled(settings)], input: values.join("\n") });
const read = async (bootstrap: string, settings: Settings): Promise<string[]> => {
  const args = ["-C", "-q", "-e", "-b", bootstrap, "-t", TOPIC, "-o", "beginning", "-m", "10", ...settled(settings)];
  return (await runOrFail("kcat", { args })).toString().trim().split("\n");
};
/** Nobody who is not let in is kept waiting. */
const refused = (bootstrap: string, settings: Settings): Promise<void> => {
  const args = ["-L", "-m", "1", "-b", bootstrap, ...settled(settings)];
  return assert.rejects(runOrFail("kcat", { args }), /ended with 1/);
};

describe("the embedded broker with TLS", needs("kcat", "openssl"), () => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-tls-"));
  let certificates: Certificates;
  before(async () => {
    certificates = await makeCertificates(directory);
  });
  after(() => rmSync(directory, { recursive: true }));

  const trust = (): Settings => ({ "security.protocol": "ssl", "ssl.ca.location": certificates.authority });
  const shown = (pair: "client" | "stranger"): Settings => ({
    ...trust(),
    "ssl.certificate.location": certificates[pair].certificate,
    "ssl.key.location": certificates[pair].key,
  });
  const start = async (context: TestContext, more: BrokerOptions, clients: Partial<TlsOptions> = {}): Promise<string> => {
    const certificate = readFileSync(certificates.server.certificate);
    const tls = { certificate, key: readFileSync(certificates.server.key), ...clients };
    const broker = await startBroker({ ...more, tls });
    context.after(() => broker.close());
    return broker.bootstrap;
  };

  test("records come and go, for whoever trusts its authority, and for nobody who speaks plainly", async (context) => {
    const bootstrap = await start(context, {});
    const values = ["one", "two", "x".repeat(500_000)];
    await write(bootstrap, trust(), values);
    assert.deepEqual(await read(bootstrap, trust()), values);
    const kafka = new kafkajs.Kafka({
      brokers: [bootstrap],
      ssl: { ca: [readFileSync(certificates.authority, "utf8")] },
      logLevel: kafkajs.logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.connect();
    assert.deepEqual(await admin.listTopics(), [TOPIC]);
    await admin.disconnect();
    const other = { ...trust(), "ssl.ca.location": certificates.client.certificate };
    await Promise.all([refused(bootstrap, {}), refused(bootstrap, other)]);
  });

  test("a client's certificate says who it is: rules are of its subject", async (context) => {
    const clientCa = readFileSync(certificates.authority);
    const bootstrap = await start(context, { superUsers: ["CN=client"] }, { clientCa });
    await write(bootstrap, shown("client"), ["mine"]);
    assert.deepEqual(await read(bootstrap, shown("client")), ["mine"]);
    await Promise.all([refused(bootstrap, trust()), refused(bootstrap, shown("stranger"))]);
  });

  test("over TLS clients authenticate by each mechanism", async (context) => {
    const bootstrap = await start(context, { users: { alice: "alice-secret" } });
    const as = (mechanism: string, password = "alice-secret"): Settings => ({
      ...trust(),
      ...{ "security.protocol": "sasl_ssl", "sasl.mechanism": mechanism, "sasl.username": "alice", "sasl.password": password },
    });
    const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
    for (const mechanism of mechanisms) await write(bootstrap, as(mechanism), [mechanism]);
    assert.deepEqual(await read(bootstrap, as("PLAIN")), mechanisms);
    await Promise.all([...mechanisms.map((mechanism) => refused(bootstrap, as(mechanism, "wrong"))), refused(bootstrap, trust())]);
  });
});
