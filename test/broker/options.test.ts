// What a broker is not started with.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type BrokerOptions, checkOptions, OptionsError } from "../../src/broker/options.ts";
import { startBroker } from "../../src/broker/start-broker.ts";

describe("options", () => {
  const good: Record<string, BrokerOptions> = {
    "nothing at all": {},
    loopback: { host: "127.0.0.53" },
    "the loopback of IPv6": { host: "::1" },
    "beyond loopback with users": { host: "0.0.0.0", users: { alice: "secret" } },
    "beyond loopback when told": { host: "0.0.0.0", insecure: true },
  };
  for (const [name, options] of Object.entries(good)) test(`${name} is fine`, () => checkOptions(options));

  const bad: Record<string, readonly [BrokerOptions, RegExp]> = {
    "beyond loopback for everybody": [{ host: "0.0.0.0" }, /--insecure/],
    "a name, which might be anywhere": [{ host: "broker.example" }, /--insecure/],
    "a port that is none": [{ port: 70_000 }, /65535/],
    "no partitions": [{ partitions: 0 }, /at least 1/],
    "a certificate that is none": [{ tls: { certificate: "x", key: "y" } }, /key and certificate for TLS/],
    "super users whom nobody can be": [{ superUsers: ["alice"] }, /without users/],
  };
  for (const [name, [options, message]] of Object.entries(bad)) {
    test(`${name} is refused`, () => {
      assert.throws(
        () => checkOptions(options),
        (reason) => reason instanceof OptionsError && message.test(reason.message),
      );
    });
  }

  test("a setting that there is not is refused at the start", async () => {
    await assert.rejects(startBroker({ settings: { "no.such.setting": "1" } }), /no.such.setting/);
  });

  test("an address that is taken is refused, and the folder is free again", async (context) => {
    const broker = await startBroker();
    context.after(() => broker.close());
    await assert.rejects(startBroker({ port: broker.port }), /cannot listen/);
  });
});
