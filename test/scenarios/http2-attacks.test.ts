// Every attack on HTTP/2 that is over within seconds, on the server's end of ours: each ends as containing it means. What it costs, and
// what others suffer meanwhile, is measured by the long run.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ATTACKS } from "../kit/attacks/all.ts";
import { endingOf } from "../kit/attacks/outcome.ts";
import { turn } from "../kit/http-recorder.ts";
import { type Listening, listenHttp2 } from "../kit/http2-layers.ts";
import { plainService } from "../kit/plain-service.ts";

/** Those that wait for longer are left to the long run. */
const WAITS_MS_MAX = 15_000;

describe("attacks on HTTP/2", { concurrency: true, timeout: 60_000 }, () => {
  let listening: Listening;
  before(async () => {
    listening = await listenHttp2("sluice", plainService);
  });
  after(async () => {
    const { connections, streams } = listening.counters;
    while (connections.value + streams.value > 0) await turn(); // Nothing is left behind.
    await listening.close();
  });

  for (const attack of ATTACKS.filter(({ waitsMs = 0 }) => waitsMs <= WAITS_MS_MAX)) {
    test(`${attack.name} is contained`, async () => {
      const { asNamed, how } = await endingOf(attack, listening.port);
      assert.ok(asNamed, how);
    });
  }
});
