// The loggers of the broker as a resource that has settings: each is a name with a level, set or taken back one by one.
import { CLUSTER } from "../access.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import { isLogger, isLoggerLevel, LOGGER_LEVELS, LOGGERS, type LoggerName } from "../loggers.ts";
import { type Alteration, OPERATION } from "./alteration.ts";
import { SOURCE } from "./described.ts";
import type { ConfigResource, Purpose } from "./resource.ts";

/** Throws a BrokerError: the client may not, or it is another broker's. */
export const loggerResource = (name: string, purpose: Purpose, { broker, client }: RequestContext): ConfigResource => {
  if (!broker.access.allows(client, purpose, CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
  checkNumber(name, broker.nodeId);
  const { loggers } = broker;
  return {
    own: new Map(),
    definition: () => undefined,
    inForce: (logger) => (isLogger(logger) ? loggers.level(logger) : ""),
    describe: ({ names }) =>
      LOGGERS.filter((logger) => names === null || names.includes(logger)).map((logger) => ({
        name: logger,
        value: loggers.level(logger),
        readOnly: false,
        configSource: SOURCE.logger,
        isSensitive: false,
        synonyms: [],
        configType: 0,
        documentation: "",
      })),
    altered: (alterations) => new Map(alterations.map(checked)),
    check: (values) => values,
    async apply(values) {
      for (const [logger, level] of values) if (isLogger(logger)) loggers.change(logger, isLoggerLevel(level) ? level : undefined);
      broker.log.info("levels of the log were changed", Object.fromEntries(values));
    },
  };
};

const checkNumber = (name: string, nodeId: number): void => {
  if (!/^\d+$/.test(name)) throw new BrokerError("INVALID_REQUEST", `'${name}' is no number of a broker`);
  if (Number(name) !== nodeId) throw new BrokerError("INVALID_REQUEST", `the broker asked is ${nodeId}, not ${name}`);
};

/** A level that is taken back: nothing that a level may be. */
const TAKEN_BACK = "";

/** Throws a BrokerError. */
const checked = ({ name, configOperation, value }: Alteration): readonly [LoggerName, string] => {
  if (configOperation === OPERATION.set && value === null) throw new BrokerError("INVALID_REQUEST", `no value is given for '${name}'`);
  if (configOperation !== OPERATION.set && configOperation !== OPERATION.delete)
    throw new BrokerError("INVALID_REQUEST", "a logger's level can only be set or deleted");
  if (!isLogger(name)) throw new BrokerError("INVALID_CONFIG", `there is no logger '${name}': there are ${LOGGERS.join(", ")}`);
  if (configOperation === OPERATION.delete) {
    if (name === "root") throw new BrokerError("INVALID_REQUEST", "the level of the root logger cannot be deleted");
    return [name, TAKEN_BACK];
  }
  if (!isLoggerLevel(value ?? ""))
    throw new BrokerError("INVALID_CONFIG", `'${value}' is no level of a logger: there are ${LOGGER_LEVELS.join(", ")}`);
  return [name, value ?? ""];
};
