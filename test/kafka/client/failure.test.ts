import assert from "node:assert/strict";
import { test } from "node:test";
import { explain } from "../../../src/kafka/client/failure.ts";
import { UnsupportedVersion } from "../../../src/kafka/client/link.ts";

const coded = (message: string, code: string, cause?: unknown): Error => Object.assign(new Error(message, { cause }), { code });

const CASES: readonly (readonly [name: string, error: unknown, reason: RegExp, event: string])[] = [
  [
    "a refused connection",
    coded("Connection to a:1 failed.", "PLT_KFK_NETWORK", coded("connect", "ECONNREFUSED")),
    /^nobody listens there$/,
    "broker.connection.failed",
  ],
  [
    "several addresses",
    new AggregateError([coded("a", "ECONNREFUSED"), coded("b", "ECONNREFUSED")]),
    /^nobody listens there$/,
    "broker.connection.failed",
  ],
  ["an unknown host", coded("getaddrinfo", "ENOTFOUND"), /^the host's name is not known$/, "broker.connection.failed"],
  [
    "a certificate",
    coded("x", "PLT_KFK_NETWORK", coded("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT")),
    /^TLS: self-signed certificate$/,
    "broker.connection.failed",
  ],
  ["plain where TLS is spoken", new Error("Broker requires TLS."), /the broker speaks TLS there/, "broker.connection.failed"],
  [
    "wrong credentials",
    coded(
      "x",
      "PLT_KFK_NETWORK",
      coded(
        "SASL authentication failed.",
        "PLT_KFK_AUTHENTICATION",
        Object.assign(new Error("e"), { serverErrorMessage: "Invalid username or password" }),
      ),
    ),
    /^SASL PLAIN authentication failed: Invalid username or password$/,
    "sasl.authentication.failed",
  ],
  [
    "a mechanism that is not offered",
    coded(
      "Cannot find a suitable SASL mechanism.",
      "PLT_KFK_AUTHENTICATION",
      Object.assign(new Error("e"), { apiId: "UNSUPPORTED_SASL_MECHANISM" }),
    ),
    /^the broker does not offer SASL PLAIN here$/,
    "unsupported.sasl.mechanism",
  ],
  ["an old broker", new UnsupportedVersion("Fetch", "a:1"), /does not speak Fetch .* 3\.5 or later/, "api.version.rejected"],
  ["anything else", new Error("odd"), /^odd$/, "broker.connection.failed"],
  ["no error at all", "text", /^text$/, "broker.connection.failed"],
];

for (const [name, error, reason, event] of CASES)
  test(`${name} is explained`, () => {
    const failure = explain(error, "PLAIN");
    assert.match(failure.reason, reason);
    assert.equal(failure.event, event);
  });

test("errors that name each other in a circle are explained all the same", () => {
  const one = new Error("one");
  one.cause = new Error("two", { cause: one });
  assert.equal(typeof explain(one).reason, "string");
});
