// Random exchanges of HTTP/2, as the long run plays them by the hundred thousand: what is seen through ours, through node:http2 and
// through Python's h2 is the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonWithHttp2 } from "../kit/python.ts";
import { ROUNDS } from "../kit/random-http2/rounds.ts";

const CONNECTIONS = 60;

const withoutPython = await pythonWithHttp2().then(
  () => undefined,
  (reason: unknown) => `h2 cannot be had: ${reason instanceof Error ? reason.message.split("\n")[0] : reason}`,
);

for (const { name, play } of ROUNDS) {
  const skip = name.includes("h2") && withoutPython !== undefined ? { skip: withoutPython } : {};
  test(name, { timeout: 60_000, ...skip }, async () => {
    const { exchanges, faults } = await play(1, CONNECTIONS);
    assert.deepEqual(faults, []);
    assert.ok(exchanges > 2 * CONNECTIONS, `${exchanges} exchanges`);
  });
}
