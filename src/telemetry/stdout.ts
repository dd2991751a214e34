// The `stdout` exporter: one line an event, in the original's form.
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

/** A line break in a message must not forge a second event. */
const oneLine = (message: string): string => message.replaceAll(/[\r\n]+/g, " ");

/** `example:north_http_server [14/Aug/2026:10:11:12 +0000] [0000000000000001] binding.http.request.accepted …`, newline included. */
export const eventLine = ({ namespace, name, event, message, timeMs }: Event, number: number): string =>
  `${namespace}:${name} [${commonLogTime(timeMs)}] [${number.toString(16).padStart(16, "0")}] ${event} ${oneLine(message)}\n`;

/** Gives a listener for core/events that numbers its events and writes their lines. */
export const stdoutListener = (write: (line: string) => void): ((event: Event) => void) => {
  let number = 0;
  return (event) => {
    number += 1;
    write(eventLine(event, number));
  };
};
