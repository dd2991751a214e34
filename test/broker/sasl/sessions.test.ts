// Sessions of clients that have authenticated: when they end, and how they are renewed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { saslHandshake } from "../../../src/broker/17-sasl-handshake.ts";
import { saslAuthenticate } from "../../../src/broker/36-sasl-authenticate.ts";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import { ScramUsers } from "../../../src/broker/sasl/scram-users.ts";
import { RENEWAL_EVERY_MS_MIN } from "../../../src/broker/sasl/session.ts";
import type { Security } from "../../../src/broker/security.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { saslHandshake as handshakeApi } from "../../../src/kafka/wire/api/17-sasl-handshake.ts";
import { apiVersions } from "../../../src/kafka/wire/api/18-api-versions.ts";
import { saslAuthenticate as authenticateApi } from "../../../src/kafka/wire/api/36-sasl-authenticate.ts";
import { ManualClock } from "../../kit/clock.ts";
import { contextOf, fakeClient } from "../asking.ts";
import { fakeMemory } from "../memory.ts";
import { Asker, running } from "../running.ts";

const LIFETIME_MS = 60_000;
const security: Security = {
  mechanisms: ["PLAIN", "SCRAM-SHA-256"],
  passwords: new Map([
    ["alice", "secret"],
    ["bob", "secret"],
  ]),
  scram: new ScramUsers(fakeMemory()),
};

/** A client that has authenticated as alice. */
const authenticated = async () => {
  const [client, clock] = [fakeClient(), new ManualClock()];
  const context = contextOf({ client, security, clock, settings: { "connections.max.reauth.ms": String(LIFETIME_MS) } });
  const handshake = async (mechanism: string) => saslHandshake.handle({ mechanism }, context);
  const send = async (message: string) => saslAuthenticate.handle({ authBytes: utf8(message) }, context);
  await handshake("PLAIN");
  const answer = await send("\0alice\0secret");
  return { client, clock, handshake, send, answer };
};

const code = (name: BrokerError["name"]) => (reason: unknown) => reason instanceof BrokerError && reason.name === name;

describe("a session", () => {
  it("is told how long it lasts", async () => {
    const { client, clock, answer } = await authenticated();
    assert.equal(answer?.sessionLifetimeMs, LIFETIME_MS);
    assert.equal(client.session?.endsMs, clock.monotonicMs() + LIFETIME_MS);
  });

  it("is renewed by the same mechanism as the same user, and lasts as long again", async () => {
    const { client, clock, handshake, send } = await authenticated();
    clock.advance(5);
    assert.equal((await handshake("PLAIN"))?.errorCode, 0);
    assert.equal((await send("\0alice\0secret"))?.sessionLifetimeMs, LIFETIME_MS);
    assert.equal(client.session?.endsMs, clock.monotonicMs() + LIFETIME_MS);
    assert.deepEqual(client.closed, []);
    await assert.rejects(send("\0alice\0secret"), code("ILLEGAL_SASL_STATE"));
  });

  it("is not renewed again within a second", async () => {
    const { client, clock, handshake, send } = await authenticated();
    await handshake("PLAIN");
    await send("\0alice\0secret");
    clock.advance(RENEWAL_EVERY_MS_MIN - 1);
    await assert.rejects(handshake("PLAIN"), code("ILLEGAL_SASL_STATE"));
    clock.advance(1);
    assert.equal((await handshake("PLAIN"))?.errorCode, 0);
    assert.deepEqual(client.closed, []);
  });

  it("without an end is not renewed", async () => {
    const client = fakeClient();
    const context = contextOf({ client, security });
    await saslHandshake.handle({ mechanism: "PLAIN" }, context);
    await saslAuthenticate.handle({ authBytes: utf8("\0alice\0secret") }, context);
    assert.throws(() => saslHandshake.handle({ mechanism: "PLAIN" }, context), code("ILLEGAL_SASL_STATE"));
    assert.deepEqual(client.closed, []);
  });

  for (const [what, message, told] of [
    ["another user", "\0bob\0secret", /Cannot change principals/],
    ["a wrong password", "\0alice\0wrong", /Invalid username or password/],
  ] as const) {
    it(`is not renewed with ${what}, and the connection ends`, async () => {
      const { client, clock, handshake, send } = await authenticated();
      assert.equal((await handshake("PLAIN"))?.errorCode, 0);
      const refused = assert.rejects(send(message), (reason) => code("SASL_AUTHENTICATION_FAILED")(reason) && told.test(String(reason)));
      clock.advance(100);
      await refused;
      assert.equal(client.closed.length, 1);
      assert.equal(client.principal, "User:alice");
    });
  }

  it("is not renewed by another mechanism: the connection ends", async () => {
    const { client, handshake } = await authenticated();
    assert.equal((await handshake("SCRAM-SHA-256"))?.errorCode, 0);
    assert.equal(client.closed.length, 1);
  });

  it("that has ended lets nothing be asked any more", async (context) => {
    const { broker } = await running(context, { users: { alice: "secret" }, settings: { "connections.max.reauth.ms": "1" } });
    const asker = await Asker.to(broker);
    context.after(() => asker.socket.destroy());
    await asker.ask(handshakeApi, { mechanism: "PLAIN" });
    const answer = await asker.ask(authenticateApi, { authBytes: utf8("\0alice\0secret") });
    assert.equal(answer.sessionLifetimeMs, 1);
    const software = { clientSoftwareName: "test", clientSoftwareVersion: "1" };
    const until = async (): Promise<void> => {
      for (;;) await asker.ask(apiVersions, software);
    };
    await assert.rejects(until(), /closed the connection/);
  });
});
