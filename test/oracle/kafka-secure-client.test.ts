// Our client against Apache Kafka behind TLS and SASL: what works, and what is said when it does not.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import type { ClientOptions } from "../../src/kafka/client/client.ts";
import type { Sasl } from "../../src/kafka/client/link.ts";
import { USERS } from "../kafka-server/properties.ts";
import { type KafkaServer, type SecureListeners, startKafka } from "../kafka-server/server.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { Fetching, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { createTopics } from "../kit/topics.ts";

describe("TLS and SASL", needs("kafka", "openssl"), () => {
  let kafka: KafkaServer;
  let secure: SecureListeners;
  before(async () => {
    kafka = await startKafka({ secure: true });
    secure = kafka.secure!; // Asked for in the line above.
    await createTopics(kafka.bootstrap, { secure: 1 });
  });
  after(async () => {
    await kafka.stop();
  });

  const sasl = (mechanism: Sasl["mechanism"], password: string = USERS.alice): { readonly sasl: Sasl } => ({
    sasl: { mechanism, username: "alice", password },
  });
  const tls = (more: { readonly key?: string; readonly cert?: string; readonly ca?: string } = {}): Pick<ClientOptions, "dial"> => {
    const options = { ca: readFileSync(secure.certificates.authority), ...more };
    return { dial: { allows: () => true, tls: () => options } };
  };

  /** Writes and reads one record over a listener. */
  const through = async (bootstrap: string, options: Partial<ClientOptions>): Promise<void> => {
    const { client } = clientOf(bootstrap, options);
    await client.start();
    const value = `${bootstrap} ${options.sasl?.mechanism}`;
    const reading = new Fetching(client, { topic: "secure", from: "latest" });
    await reading.started();
    const record = { key: null, value: utf8(value), headers: [] };
    const { status } = await produced(client, { topic: "secure", acks: "in_sync_replicas" }, [record]);
    assert.deepEqual(status, { code: Code.OK, message: "" });
    await reading.until(1);
    assert.deepEqual(reading.values, [value]);
    reading.cancel();
    await client.close();
  };

  /** The first event and log line of a client that cannot get through. */
  const refused = async (
    bootstrap: string,
    options: Partial<ClientOptions>,
  ): Promise<{ readonly event: string; readonly message: string }> => {
    const { client, runtime } = clientOf(bootstrap, options);
    const told = new Promise<{ readonly event: string; readonly message: string }>((resolve) => {
      runtime.events.listen(({ event, message }) => resolve({ event, message }));
    });
    await client.start();
    const found = await told;
    assert.match(runtime.lines.join(""), /warn/);
    await client.close();
    return found;
  };

  for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    test(`${mechanism} gets through`, () => through(secure.sasl, sasl(mechanism)));
    test(`${mechanism} over TLS gets through`, () => through(secure.saslTls, { ...sasl(mechanism), ...tls() }));
    test(`${mechanism} with a wrong password is said to be just that`, async () => {
      const { event, message } = await refused(secure.sasl, sasl(mechanism, "wrong"));
      assert.equal(event, "binding.kafka.sasl.authentication.failed");
      assert.match(
        message,
        new RegExp(`SASL ${mechanism} authentication failed: .*(invalid credentials|Invalid username or password)`, "i"),
      );
    });
  }

  test("TLS gets through", () => through(secure.tls, tls()));
  test("mutual TLS gets through", () => {
    const { key, certificate } = secure.certificates.client;
    return through(secure.mutualTls, tls({ key: readFileSync(key, "utf8"), cert: readFileSync(certificate, "utf8") }));
  });

  test("an authority that is not trusted is named as the reason", async () => {
    const { message } = await refused(secure.tls, { dial: { allows: () => true, tls: () => ({}) } });
    assert.match(message, /TLS: (unable to|self-signed)/);
  });
  test("no client certificate where one is wanted", async () => {
    const { message } = await refused(secure.mutualTls, tls());
    assert.match(message, /TLS|certificate/);
  });
  test("plain where TLS is spoken", async () => {
    const { message } = await refused(secure.tls, {});
    assert.match(message, /TLS/);
  });
  test("plain where SASL is wanted", async () => {
    const { message } = await refused(secure.sasl, {});
    assert.match(message, /does that listener want SASL or TLS/);
  });
  test("TLS where plain is spoken", async () => {
    const { message } = await refused(kafka.bootstrap, tls());
    assert.match(message, /does the broker speak TLS there/);
  });
  test("a mechanism that the broker does not have", async () => {
    const { event, message } = await refused(secure.sasl, sasl("OAUTHBEARER"));
    assert.equal(event, "binding.kafka.unsupported.sasl.mechanism");
    assert.match(message, /the broker does not offer SASL OAUTHBEARER/);
  });
});
