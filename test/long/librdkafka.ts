// `npm run long:librdkafka`: librdkafka's suite, process by process. `npm run long:librdkafka -- apache` shows what Apache Kafka gets in the
// same way, one node of each kind, and writes no result.
import assert from "node:assert/strict";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { apacheBrokers, type Brokers, judgedByLibrdkafka, ownBrokers } from "../kit/librdkafka-brokers.ts";
import { LIBRDKAFKA_ALL, LIBRDKAFKA_APACHE, LIBRDKAFKA_FAILS, LIBRDKAFKA_LEFT_OUT } from "./librdkafka-tests.ts";
import { longRun } from "./record.ts";

const out = (text: string): void => void process.stdout.write(`${text}\n`);

const judged = async (brokers: Brokers) => {
  const jars = await jarsOf(KAFKA_VERSION);
  /** Processes that failed, whether or not they passed when they were run again. */
  let failures = 0;
  const told: Parameters<typeof judgedByLibrdkafka>[1]["told"] = ({ number, mode }, { passed, failed }) => {
    if (failed.length > 0) failures += 1;
    out(`${number} ${mode}: ${passed.join(" ")}${failed.length > 0 ? ` failed: ${failed.join(" ")}` : ""}`);
  };
  try {
    return { ...(await judgedByLibrdkafka(brokers, { plans: LIBRDKAFKA_ALL, atOnce: 1, attempts: 2, jars, told })), failures };
  } finally {
    await brokers.stop();
  }
};

if (process.argv[2] === "apache") {
  const { passed, failed, said } = await judged(await apacheBrokers());
  out(`${said}\n${JSON.stringify(passed, undefined, 2)}\n${passed.length} passed, ${failed.length} failed: ${failed.join(" ")}`);
} else
  await longRun("librdkafka", async (report) => {
    const { passed, failed, failures, said } = await judged(await ownBrokers());
    assert.deepEqual(failed, Object.keys(LIBRDKAFKA_FAILS), said);
    for (const name of passed) report.pass(name);
    report.figure("passed", passed.length);
    report.figure("failed", failed.length);
    report.figure("processes that failed once", failures);
    report.figure("numbers of tests left out", Object.keys(LIBRDKAFKA_LEFT_OUT).length);
    report.figure("Apache Kafka 4.3.1, one node: passed", LIBRDKAFKA_APACHE.passed);
    report.figure("Apache Kafka 4.3.1, one node: failed", LIBRDKAFKA_APACHE.failed);
  });
