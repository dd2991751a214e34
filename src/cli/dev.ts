// `sluice dev`: a configuration with a Kafka of its own, in one command: the broker runs in a thread beside the proxy, on loopback, and
// KAFKA_BOOTSTRAP_SERVER names it to the configuration's expressions.
import type { BrokerOptions } from "../broker/options.ts";
import { type Log, processLog } from "../core/log.ts";
import { DATA_FLAGS, dataOptions, keptText, PORT } from "./broker-flags.ts";
import { type BrokerThread, startBrokerThread, ThreadError } from "./broker-thread.ts";
import { type Command, flagOf, type Given, type Io, UsageError } from "./command.ts";
import { runStart, START_FLAGS } from "./start.ts";

/** What could not be had ends the start with this. */
const FAILED = 1;
/** Of one who tries things out: one log to read, one process to debug. */
const WORKERS = 1;
const VARIABLE = "KAFKA_BOOTSTRAP_SERVER";

const portOf = (given: Given): number | undefined => {
  const text = flagOf(given, "kafka-port");
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw new UsageError(`found --kafka-port ${text}, a number is wanted`);
  return Number(text);
};

/** On the port that is asked for; if none is, on Kafka's own, or a free one when that is another's. */
const started = async (given: Given, options: BrokerOptions, log: Log): Promise<BrokerThread> => {
  const level = flagOf(given, "verbose") === undefined ? "info" : "debug";
  const asked = portOf(given);
  try {
    return await startBrokerThread({ options: { ...options, port: asked ?? PORT }, level });
  } catch (reason) {
    if (asked !== undefined || !(reason instanceof ThreadError && reason.isTaken)) throw reason;
    log.info("the broker takes a free port: its own is in use", { port: PORT });
    return startBrokerThread({ options: { ...options, port: 0 }, level });
  }
};

const run = async (given: Given, io: Io): Promise<number> => {
  const log = processLog(flagOf(given, "verbose") === undefined ? "info" : "debug");
  const options: BrokerOptions = { ...dataOptions(given, io), autoCreate: "always" };
  if (io.env[VARIABLE]) log.warn(`${VARIABLE} is not looked at: dev has a Kafka of its own; start uses yours`);
  let broker: BrokerThread;
  try {
    broker = await started(given, options, log);
  } catch (reason) {
    io.err(`${reason instanceof Error ? reason.message : String(reason)}\n`);
    return FAILED;
  }
  log.info("the broker is ready", { bootstrap: broker.bootstrap, kept: keptText(options) });
  try {
    return await runStart(given, { ...io, env: { ...io.env, [VARIABLE]: broker.bootstrap } }, WORKERS);
  } finally {
    await broker.close();
  }
};

export const dev: Command = {
  name: "dev",
  summary: "run a configuration with a Kafka of its own",
  flags: [...START_FLAGS, ...DATA_FLAGS, { long: "kafka-port", value: "PORT", help: `of the broker (default ${PORT}, or a free one)` }],
  run,
};
