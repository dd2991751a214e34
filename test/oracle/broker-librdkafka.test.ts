// The embedded broker, judged by a few tests of librdkafka's suite; `npm run long:librdkafka` runs all of it. The suite is built when it is
// not in the cache, which takes one to three minutes on two cores and wants a compiler and some of Debian's packages: where these are
// missing it is left out, and where SLUICE_REQUIRE names librdkafka that is a failure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgedByLibrdkafka, ownBrokers } from "../kit/librdkafka-brokers.ts";
import { needs } from "../kit/needs.ts";
import { LIBRDKAFKA_FEW, LIBRDKAFKA_PASSES } from "../long/librdkafka-tests.ts";

/** The suite may have to be built. */
const WITH_BUILD_MS = 580_000;

test("a few of librdkafka's tests pass", { ...needs("librdkafka"), timeout: WITH_BUILD_MS }, async () => {
  const brokers = await ownBrokers();
  try {
    const { passed, failed, said } = await judgedByLibrdkafka(brokers, { plans: LIBRDKAFKA_FEW, atOnce: 2, attempts: 2 });
    assert.deepEqual(failed, [], said);
    const wanted = LIBRDKAFKA_FEW.flatMap(({ numbers }) => numbers);
    assert.deepEqual(
      passed,
      LIBRDKAFKA_PASSES.filter((name) => wanted.some((number) => name.startsWith(`${number}_`))),
    );
  } finally {
    await brokers.stop();
  }
});
