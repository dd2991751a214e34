// `sluice broker`: a Kafka of one node in the foreground, until it is told to end.
import { ABSENT } from "../broker/absent.ts";
import { APIS } from "../broker/apis.ts";
import { coverageText } from "../broker/coverage.ts";
import { startBroker } from "../broker/start-broker.ts";
import { processLog } from "../core/log.ts";
import { DATA_FLAGS, dataOptions, keptText, REACH_FLAGS, reachOptions, TLS_FLAGS, tlsOptions } from "./broker-flags.ts";
import { type Command, flagOf, type Given, type Io } from "./command.ts";
import { toldToEnd } from "./told-to-end.ts";

/** What could not be had ends the start with this. */
const FAILED = 1;

const run = async (given: Given, io: Io): Promise<number> => {
  if (flagOf(given, "apis") !== undefined) {
    io.out(coverageText(APIS, ABSENT));
    return 0;
  }
  const logLevel = flagOf(given, "verbose") === undefined ? "info" : "debug";
  const log = processLog(logLevel);
  const options = {
    ...reachOptions(given),
    ...tlsOptions(given, io),
    ...dataOptions(given, io),
    log: processLog("debug"),
    logLevel,
  } as const;
  try {
    const told = toldToEnd(log);
    const broker = await startBroker(options);
    log.info("the broker is ready", { bootstrap: broker.bootstrap, kept: keptText(options), pid: process.pid });
    await told;
    await broker.close();
    log.info("stopped");
    return 0;
  } catch (reason) {
    io.err(`${reason instanceof Error ? reason.message : String(reason)}\n`);
    return FAILED;
  }
};

export const broker: Command = {
  name: "broker",
  summary: "run a Kafka of one node in the foreground",
  flags: [
    ...REACH_FLAGS,
    ...TLS_FLAGS,
    ...DATA_FLAGS,
    { long: "apis", help: "tell what is answered, and in which versions" },
    { long: "verbose", short: "v", help: "say more on standard error" },
  ],
  run,
};
