// The process's own log: one line an occurrence on standard error, for the people who run it. What callers see is a status; what
// users of the original's exporters see is an event (core/events).

/** From the least to the most important. */
export type Level = "debug" | "info" | "warn" | "error";

/** Facts beside the sentence: short values only, never payloads, metadata or secrets. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Where sentences go; a `cause` is written out with its stack. */
export interface Log {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts, cause?: unknown): void;
}

const ORDER: readonly Level[] = ["debug", "info", "warn", "error"];

const factText = (value: string | number | boolean): string =>
  typeof value === "string" && /[\s"=]/.test(value) ? JSON.stringify(value) : String(value);

/** What a line says. */
export interface Line {
  readonly timeMs: number;
  readonly level: Level;
  readonly message: string;
  readonly facts?: Facts | undefined;
}

/** `2026-11-24T10:11:12.345Z warn message key=value …`; the cause's stack follows on lines of its own. */
export const formatLine = ({ timeMs, level, message, facts = {} }: Line): string => {
  let line = `${new Date(timeMs).toISOString()} ${level} ${message}`;
  for (const [name, value] of Object.entries(facts)) line += ` ${name}=${factText(value)}`;
  return line;
};

const causeText = (cause: unknown): string => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));

/** A log from `least` up, written with `write` (one call a line, newline included). */
export const logTo = (write: (line: string) => void, least: Level): Log => {
  const from = ORDER.indexOf(least);
  const at =
    (level: Level) =>
    (message: string, facts?: Facts, cause?: unknown): void => {
      if (ORDER.indexOf(level) < from) return;
      write(`${formatLine({ timeMs: Date.now(), level, message, facts })}\n`);
      if (cause !== undefined) write(`  ${causeText(cause).replaceAll("\n", "\n  ")}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};

/** To standard error. */
export const processLog = (least: Level): Log => logTo((line) => process.stderr.write(line), least);

/** A log whose every line has these facts too, behind its own. */
export const withFacts = (log: Log, facts: Facts): Log => ({
  debug: (message, own) => log.debug(message, { ...own, ...facts }),
  info: (message, own) => log.info(message, { ...own, ...facts }),
  warn: (message, own) => log.warn(message, { ...own, ...facts }),
  error: (message, own, cause) => log.error(message, { ...own, ...facts }, cause),
});

const nothing = (): void => {};
/** Says nothing. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
