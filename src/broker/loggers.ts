// The broker's own log in parts, whose levels clients may change while it runs (BROKER_LOGGER of the APIs of settings). What is changed
// holds until the broker ends, as in Apache Kafka.
import type { Level, Log } from "../core/log.ts";

/** The parts that have a level of their own, or the root's. */
export const LOGGERS = ["root", "broker", "network", "storage"] as const;
export type LoggerName = (typeof LOGGERS)[number];

/** As Kafka's log knows them, from the least to the most important. Nothing here is less than DEBUG or more than ERROR. */
export const LOGGER_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export type LoggerLevel = (typeof LOGGER_LEVELS)[number];

const RANK: Readonly<Record<Level, number>> = { debug: 1, info: 2, warn: 3, error: 4 };
const OF: Readonly<Record<Level, LoggerLevel>> = { debug: "DEBUG", info: "INFO", warn: "WARN", error: "ERROR" };

export const isLogger = (name: string): name is LoggerName => LOGGERS.some((known) => known === name);
export const isLoggerLevel = (text: string): text is LoggerLevel => LOGGER_LEVELS.some((known) => known === text);

export class Loggers {
  readonly #out: Log;
  readonly #own = new Map<LoggerName, LoggerLevel>();

  constructor(out: Log, level: Level) {
    this.#out = out;
    this.#own.set("root", OF[level]);
  }

  /** What of its sentences is said follows its level. */
  log(name: LoggerName): Log {
    const says = (level: Level): boolean => LOGGER_LEVELS.indexOf(this.level(name)) <= RANK[level];
    return {
      debug: (message, facts) => says("debug") && this.#out.debug(message, facts),
      info: (message, facts) => says("info") && this.#out.info(message, facts),
      warn: (message, facts) => says("warn") && this.#out.warn(message, facts),
      error: (message, facts, cause) => says("error") && this.#out.error(message, facts, cause),
    };
  }

  /** In force: its own, or the root's. */
  level(name: LoggerName): LoggerLevel {
    return this.#own.get(name) ?? this.#own.get("root")!; // The root has one from the start, and it cannot be taken out.
  }

  /** Undefined: it follows the root again. */
  change(name: LoggerName, level: LoggerLevel | undefined): void {
    if (level !== undefined) this.#own.set(name, level);
    else if (name !== "root") this.#own.delete(name);
  }
}
