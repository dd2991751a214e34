// The `stdout` exporter: one line an event, in the original's form. What happens in one turn of the event loop is written at once: a write
// of its own costs more than the event that it tells of.
import type { Event } from "../core/events.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const two = (value: number): string => String(value).padStart(2, "0");

/** `14/Aug/2026:10:11:12 +0000`, in local time. */
export const commonLogTime = (timeMs: number): string => {
  const time = new Date(timeMs);
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const date = `${two(time.getDate())}/${MONTHS[time.getMonth()]!}/${time.getFullYear()}`;
  return `${date}:${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())} ${zone}`;
};

const SECOND_MS = 1_000;

/** The time of events follows the clock, so the last one's text mostly serves the next. */
const rememberedTime = (): ((timeMs: number) => string) => {
  let second = Number.NaN;
  let text = "";
  return (timeMs) => {
    const now = Math.floor(timeMs / SECOND_MS);
    if (now !== second) {
      second = now;
      text = commonLogTime(timeMs);
    }
    return text;
  };
};

/** A line break in a message must not forge a second event. */
const oneLine = (message: string): string => message.replaceAll(/[\r\n]+/g, " ");

/** `example:north_http_server [14/Aug/2026:10:11:12 +0000] [0000000000000001] binding.http.request.accepted …`, newline included. */
export const eventLine = ({ namespace, name, event, message, timeMs }: Event, number: number, timeText = commonLogTime): string =>
  `${namespace}:${name} [${timeText(timeMs)}] [${number.toString(16).padStart(16, "0")}] ${event} ${oneLine(message)}\n`;

/** A listener for core/events that numbers its events and writes their lines. */
export interface StdoutListener {
  readonly hear: (event: Event) => void;
  /** Writes what this turn has gathered. */
  flush(): void;
}

/** `before`: the number before that of the first event. */
export const stdoutListener = (write: (lines: string) => void, before = 0): StdoutListener => {
  const timeText = rememberedTime();
  let number = before;
  let gathered = "";
  const flush = (): void => {
    const lines = gathered;
    gathered = "";
    if (lines !== "") write(lines);
  };
  const hear = (event: Event): void => {
    if (gathered === "") setImmediate(flush);
    number += 1;
    gathered += eventLine(event, number, timeText);
  };
  return { hear, flush };
};
