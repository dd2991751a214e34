// `npm run long:http2-differential`: random exchanges of HTTP/2 between ours, node:http2, Python's h2 and peers made of frames, more than
// a hundred thousand of them with ours, with new seeds each time.
import assert from "node:assert/strict";
import { ROUNDS } from "../kit/random-http2/rounds.ts";
import { HTTP2_CONNECTIONS, HTTP2_EXCHANGES_MIN } from "./expected.ts";
import { longRun } from "./record.ts";

await longRun("http2-differential", async (report) => {
  const first = Date.now() % 2 ** 30;
  let ours = 0;
  for (const { name, play } of ROUNDS) {
    const { exchanges, faults } = await play(first, HTTP2_CONNECTIONS);
    assert.deepEqual(faults, []);
    report.pass(`${name}: ${HTTP2_CONNECTIONS} connections tell no difference`);
    report.figure(`${name}: exchanges`, exchanges);
    if (name.includes("sluice")) ours += exchanges;
  }
  assert.ok(ours >= HTTP2_EXCHANGES_MIN, `${ours} exchanges with ours`);
  report.figure("exchanges with ours", ours);
  report.figure("first seed", first);
});
