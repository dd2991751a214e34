import assert from "node:assert/strict";
import { test } from "node:test";
import { eventLine, stdoutListener } from "../../src/telemetry/stdout.ts";

const event = {
  namespace: "example",
  name: "north_http_server",
  event: "binding.http.request.accepted",
  message: "- POST http://a/b",
  timeMs: Date.UTC(2026, 7, 14, 10, 11, 12),
};

test("an event is one line in the original's form", () => {
  assert.match(
    eventLine(event, 1),
    /^example:north_http_server \[1[345]\/Aug\/2026:\d\d:\d\d:12 [+-]\d{4}\] \[0000000000000001\] binding\.http\.request\.accepted - POST http:\/\/a\/b\n$/,
  );
});

test("a line break in a message forges no second event", () => {
  assert.equal(eventLine({ ...event, message: "a\r\nb" }, 1).split("\n").length, 2);
});

test("events are numbered", () => {
  const lines: string[] = [];
  const listener = stdoutListener((line) => lines.push(line));
  listener(event);
  listener(event);
  assert.match(lines[1]!, /\[0000000000000002\]/);
});
