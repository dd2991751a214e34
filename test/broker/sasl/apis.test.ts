// The SASL handshake and its messages, step by step, and what becomes of those who leave the path.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { saslHandshake } from "../../../src/broker/17-sasl-handshake.ts";
import { saslAuthenticate } from "../../../src/broker/36-sasl-authenticate.ts";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import { MESSAGE_BYTES_MAX } from "../../../src/broker/sasl/exchange.ts";
import { ScramUsers } from "../../../src/broker/sasl/scram-users.ts";
import type { Security } from "../../../src/broker/security.ts";
import { EMPTY, utf8 } from "../../../src/core/bytes.ts";
import { ManualClock } from "../../kit/clock.ts";
import { contextOf, type FakeClient, fakeClient } from "../asking.ts";
import { fakeMemory } from "../memory.ts";

const security: Security = {
  mechanisms: ["PLAIN", "SCRAM-SHA-256"],
  passwords: new Map([["alice", "secret"]]),
  scram: new ScramUsers(fakeMemory()),
};

interface Stage {
  readonly client: FakeClient;
  readonly clock: ManualClock;
  handshake(mechanism: string): Promise<unknown>;
  send(message: Uint8Array): Promise<unknown>;
}

const stage = (client = fakeClient()): Stage => {
  const clock = new ManualClock();
  const context = contextOf({ client, security, clock });
  return {
    client,
    clock,
    handshake: async (mechanism) => saslHandshake.handle({ mechanism }, context),
    send: async (authBytes) => saslAuthenticate.handle({ authBytes }, context),
  };
};

const code = (name: BrokerError["name"]) => (reason: unknown) => reason instanceof BrokerError && reason.name === name;

describe("SaslHandshake", () => {
  it("names the mechanisms, also to whom asks for another, who is sent away", async () => {
    const right = stage();
    assert.deepEqual(await right.handshake("SCRAM-SHA-256"), { errorCode: 0, mechanisms: ["PLAIN", "SCRAM-SHA-256"] });
    assert.deepEqual(right.client.closed, []);
    const wrong = stage();
    assert.deepEqual(await wrong.handshake("SCRAM-SHA-512"), { errorCode: 33, mechanisms: ["PLAIN", "SCRAM-SHA-256"] });
    assert.equal(wrong.client.closed.length, 1);
  });

  it("comes once, and before authentication", async () => {
    const twice = stage();
    await twice.handshake("PLAIN");
    await assert.rejects(twice.handshake("PLAIN"), code("ILLEGAL_SASL_STATE"));
    assert.equal(twice.client.closed.length, 1);
    const done = stage();
    done.client.authenticated = true;
    await assert.rejects(done.handshake("PLAIN"), code("ILLEGAL_SASL_STATE"));
    assert.deepEqual(done.client.closed, []);
  });
});

describe("SaslAuthenticate", () => {
  it("lets in who has the password, under its name", async () => {
    const { client, handshake, send } = stage();
    await handshake("PLAIN");
    assert.deepEqual(await send(utf8("\0alice\0secret")), { errorCode: 0, errorMessage: "", authBytes: EMPTY, sessionLifetimeMs: 0 });
    assert.deepEqual([client.principal, client.authenticated, client.sasl, client.closed], ["User:alice", true, undefined, []]);
    await assert.rejects(send(utf8("\0alice\0secret")), code("ILLEGAL_SASL_STATE"));
  });

  it("tells who has not, after a while, and sends it away", async () => {
    const { client, clock, handshake, send } = stage();
    await handshake("PLAIN");
    let told: unknown;
    const answer = send(utf8("\0alice\0wrong")).catch((reason) => {
      told = reason;
    });
    clock.advance(99);
    await Promise.resolve();
    assert.deepEqual([told, client.closed], [undefined, []]);
    clock.advance(1);
    await answer;
    assert.ok(code("SASL_AUTHENTICATION_FAILED")(told));
    assert.match(String(told), /Invalid username or password/);
    assert.deepEqual([client.principal, client.authenticated, client.closed.length], ["User:ANONYMOUS", false, 1]);
    assert.equal(await send(utf8("\0alice\0secret")), null);
  });

  it("waits no longer for a client that has gone", async () => {
    const { client, clock, handshake, send } = stage();
    await handshake("PLAIN");
    const answer = send(utf8("\0alice\0wrong"));
    client.close("gone");
    await assert.rejects(answer, /Invalid username or password/);
    assert.equal(clock.armed, 0);
  });

  it("is not answered without the handshake", async () => {
    const { client, send } = stage();
    assert.equal(await send(utf8("\0alice\0secret")), null);
    assert.equal(client.closed.length, 1);
  });

  it("does not read what is too long", async () => {
    const { clock, handshake, send } = stage();
    await handshake("SCRAM-SHA-256");
    const answer = send(new Uint8Array(MESSAGE_BYTES_MAX + 1));
    clock.advance(100);
    await assert.rejects(answer, code("SASL_AUTHENTICATION_FAILED"));
  });
});
