import assert from "node:assert/strict";
import { test } from "node:test";
import { Counters } from "../../src/core/counters.ts";
import { StatusError } from "../../src/core/status.ts";
import { declareMetrics } from "../../src/telemetry/metrics.ts";
import { listenPrometheus } from "../../src/telemetry/prometheus.ts";

test("GET on the path answers with the metrics, another method with 405, another path with 404", async () => {
  const counters = new Counters();
  declareMetrics(counters);
  counters.counter({ metric: "http.active.requests", namespace: "n", binding: "b" }).value = 3;
  const listener = await listenPrometheus(() => counters, { host: "127.0.0.1", port: 0, path: "/metrics" });
  const url = `http://127.0.0.1:${listener.port}`;
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  assert.match(await answer.text(), /^http_active_requests\{namespace="n",binding="b"\} 3$/m);
  const posted = await fetch(`${url}/metrics`, { method: "POST", body: "x" });
  assert.equal(posted.status, 405);
  assert.equal((await fetch(`${url}/elsewhere`)).status, 404);
  await listener.close();
});

test("a port that is taken is said with its address", async () => {
  const first = await listenPrometheus(() => new Counters(), { host: "127.0.0.1", port: 0, path: "/" });
  await assert.rejects(
    listenPrometheus(() => new Counters(), { host: "127.0.0.1", port: first.port, path: "/" }),
    (reason: unknown) => reason instanceof StatusError && reason.message.includes(`127.0.0.1:${first.port}`),
  );
  await first.close();
});
