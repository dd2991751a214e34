// The oldest way to authenticate: after SaslHandshake of version 0 the messages have no header.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type RunningBroker, startBroker } from "../../../src/broker/start-broker.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { metadata } from "../../../src/kafka/wire/api/03-metadata.ts";
import { saslHandshake } from "../../../src/kafka/wire/api/17-sasl-handshake.ts";
import { CLOSED, RawKafka } from "../../kit/raw-kafka.ts";

let broker: RunningBroker;
before(async () => {
  broker = await startBroker({ users: { alice: "secret" } });
});
after(() => broker.close());

const shaken = async (mechanism: string): Promise<RawKafka> => {
  const connection = await RawKafka.open(broker.bootstrap);
  const answer = await connection.ask(saslHandshake, 0, { mechanism });
  assert.deepEqual(answer, { errorCode: 0, mechanisms: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] });
  return connection;
};
const allTopics = { ...metadata.request.empty, topics: null };

describe("messages without a header", () => {
  it("let in who has the password; requests have headers again after that", async () => {
    const connection = await shaken("PLAIN");
    assert.deepEqual(await connection.bare(utf8("\0alice\0secret")), new Uint8Array(0));
    const answer = await connection.ask(metadata, 12, allTopics);
    assert.ok(answer !== CLOSED && answer.brokers.length === 1);
    connection.close();
  });

  it("are answered by the mechanism's own", async () => {
    const connection = await shaken("SCRAM-SHA-256");
    const answer = await connection.bare(utf8("n,,n=alice,r=abc"));
    assert.ok(answer !== CLOSED);
    assert.match(Buffer.from(answer).toString(), /^r=abc.+,s=.+,i=4096$/);
    connection.close();
  });

  it("end the connection without a word where they are wrong, as does a request among them", async () => {
    const wrong = await shaken("PLAIN");
    assert.equal(await wrong.bare(utf8("\0alice\0wrong")), CLOSED);
    const early = await shaken("SCRAM-SHA-512");
    assert.equal(await early.ask(metadata, 12, allTopics), CLOSED);
  });
});
