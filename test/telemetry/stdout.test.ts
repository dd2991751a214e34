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

test("events are numbered, and those of one turn are written at once", async () => {
  const written: string[] = [];
  const { hear } = stdoutListener((lines) => written.push(lines));
  hear(event);
  hear({ ...event, timeMs: event.timeMs + 1_000 });
  assert.deepEqual(written, []);
  await new Promise(setImmediate);
  assert.equal(written.length, 1);
  assert.match(written[0]!, /:12 [^\n]*\[0000000000000001\][^\n]*\n[^\n]*:13 [^\n]*\[0000000000000002\][^\n]*\n$/);
  hear(event);
  await new Promise(setImmediate);
  assert.match(written[1]!, /\[0000000000000003\]/);
});

test("what was gathered can be written before the turn is over, once", async () => {
  const written: string[] = [];
  const { hear, flush } = stdoutListener((lines) => written.push(lines));
  hear(event);
  flush();
  await new Promise(setImmediate);
  assert.equal(written.length, 1);
});
