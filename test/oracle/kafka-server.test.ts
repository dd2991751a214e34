// The ground that other tests stand on: brokers that start, and kcat's view of records.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { KAFKA_VERSIONS } from "../kafka-server/jars.ts";
import { type KafkaServer, startKafka } from "../kafka-server/server.ts";
import { readTopic, writeRecord } from "../kit/kcat.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, at) => at);

describe("records through kcat", needs("kafka", "kcat"), () => {
  let kafka: SharedKafka;
  before(async () => {
    kafka = await sharedKafka();
  });
  after(() => kafka.stop());

  test("key, headers and value come back byte for byte, an empty value is not a null one", async () => {
    const { bootstrap } = kafka;
    const { records: topic } = await kafka.topics({ records: 1 });
    const headers = [
      ["zilla:service", "a, b=c"],
      ["meta:custom-bin", "dGVzdA=="],
      ["zilla:empty", ""],
    ] as const;
    await writeRecord({ bootstrap, topic, key: "k", value: ALL_BYTES, headers });
    await writeRecord({ bootstrap, topic, key: "k", value: new Uint8Array(0) });
    await writeRecord({ bootstrap, topic, key: "k", value: undefined, headers: [["zilla:status", "0"]] });
    const records = await readTopic({ bootstrap, topic });
    assert.deepEqual(
      records.map(({ offset, key }) => [offset, key?.toString()]),
      [
        [0, "k"],
        [1, "k"],
        [2, "k"],
      ],
    );
    assert.deepEqual(
      records.map(({ value }) => value),
      [Buffer.from(ALL_BYTES), Buffer.alloc(0), undefined],
    );
    assert.deepEqual(
      records.map((record) => record.headers),
      [headers.map(([name, value]) => [name, value]), [], [["zilla:status", "0"]]],
    );
  });

  test("a topic of several partitions is read whole", async () => {
    const { bootstrap } = kafka;
    const { spread: topic } = await kafka.topics({ spread: 3 });
    for (const partition of [2, 0, 1]) await writeRecord({ bootstrap, topic, value: Uint8Array.of(partition), partition });
    const records = await readTopic({ bootstrap, topic, count: 3 });
    assert.deepEqual(
      records.map(({ partition, value }) => [partition, value?.[0]]),
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    );
  });
});

for (const version of KAFKA_VERSIONS) {
  describe(`a secure broker of Apache Kafka ${version}`, needs("kafka", "kcat", "openssl"), () => {
    let kafka: KafkaServer;
    before(async () => {
      kafka = await startKafka({ version, secure: true });
    });
    after(() => kafka.stop());

    /** Asks for metadata: that needs a connection that was let in. */
    const list = (address: string, settings: Readonly<Record<string, string>>): Promise<Buffer> => {
      const options = Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
      return runOrFail("kcat", { args: ["-L", "-m", "5", "-b", address, ...options] });
    };

    test("lets PLAIN in over SASL, a client certificate over mutual TLS, and neither without", async () => {
      const { sasl, mutualTls, saslTls, certificates } = kafka.secure!;
      const user = { "sasl.mechanism": "PLAIN", "sasl.username": "alice", "sasl.password": "alice-secret" };
      const trust = { "ssl.ca.location": certificates.authority };
      const pair = { "ssl.certificate.location": certificates.client.certificate, "ssl.key.location": certificates.client.key };
      await list(sasl, { "security.protocol": "sasl_plaintext", ...user });
      await list(saslTls, { "security.protocol": "sasl_ssl", ...user, ...trust });
      await list(mutualTls, { "security.protocol": "ssl", ...trust, ...pair });
      const wrong = list(sasl, { "security.protocol": "sasl_plaintext", ...user, "sasl.password": "wrong" });
      await Promise.all([assert.rejects(wrong), assert.rejects(list(mutualTls, { "security.protocol": "ssl", ...trust }))]);
    });
  });
}

describe("a broker's life", needs("kafka", "kcat"), () => {
  test("records outlive a crash, and nothing outlives a stop", async () => {
    const kafka = await startKafka({
      autoCreate: true,
      properties: { "broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "500" },
    });
    const { bootstrap, directory } = kafka;
    await writeRecord({ bootstrap, topic: "kept", value: Uint8Array.of(7) });
    await kafka.crash();
    await kafka.resume();
    assert.deepEqual(
      (await readTopic({ bootstrap, topic: "kept", count: 1 })).map(({ value }) => value?.[0]),
      [7],
    );
    await kafka.stop();
    assert.equal(existsSync(directory), false);
  });
});
