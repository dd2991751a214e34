// `npm run long:librdkafka`: librdkafka's suite, process by process, without share groups, which `npm run long:librdkafka -- share` has. With
// `apache` behind it, it shows what Apache Kafka gets in the same way, one node of each kind. Only the first writes a result.
import assert from "node:assert/strict";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { apacheBrokers, type Brokers, judgedByLibrdkafka, ownBrokers } from "../kit/librdkafka-brokers.ts";
import * as known from "./librdkafka-tests.ts";
import { longRun, type Report, rehearse } from "./record.ts";

const OF_SHARE_GROUPS = { plans: known.LIBRDKAFKA_SHARE, passes: known.LIBRDKAFKA_SHARE_PASSES, fails: known.LIBRDKAFKA_SHARE_FAILS };
const OF_ALL_ELSE = { plans: known.LIBRDKAFKA_ALL, passes: known.LIBRDKAFKA_PASSES, fails: known.LIBRDKAFKA_FAILS };
const { plans, passes, fails } = process.argv.includes("share") ? OF_SHARE_GROUPS : OF_ALL_ELSE;

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
    return { ...(await judgedByLibrdkafka(brokers, { plans, atOnce: 1, attempts: 2, jars, told })), failures };
  } finally {
    await brokers.stop();
  }
};

const run = async (report: Report): Promise<void> => {
  const { passed, failed, failures, said } = await judged(await ownBrokers());
  assert.deepEqual(failed, Object.keys(fails), said);
  assert.deepEqual(passed, passes);
  for (const test of passed) report.pass(test);
  report.figure("passed", passed.length);
  report.figure("failed", failed.length);
  report.figure("processes that failed once", failures);
  report.figure("numbers of tests left out", Object.keys(known.LIBRDKAFKA_LEFT_OUT).length);
  report.figure("Apache Kafka 4.3.1, one node: passed", known.LIBRDKAFKA_APACHE.passed);
  report.figure("Apache Kafka 4.3.1, one node: failed", known.LIBRDKAFKA_APACHE.failed);
};

if (process.argv.includes("apache")) {
  const { passed, failed, said } = await judged(await apacheBrokers());
  out(`${said}\n${JSON.stringify(passed, undefined, 2)}\n${passed.length} passed, ${failed.length} failed: ${failed.join(" ")}`);
} else if (plans === known.LIBRDKAFKA_SHARE) await rehearse(run);
else await longRun("librdkafka", run);
