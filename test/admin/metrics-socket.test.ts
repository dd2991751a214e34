import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { metricRows, readMetrics, serveMetrics } from "../../src/admin/metrics-socket.ts";
import { metricsTable } from "../../src/cli/metrics.ts";
import { Counters } from "../../src/core/counters.ts";

test("the metrics of a process are read through its socket and shown as a table", async () => {
  const counters = new Counters();
  counters.declare({ name: "grpc.active.requests", kind: "gauge", unit: "count", help: "" });
  counters.declare({ name: "grpc.request.size", kind: "histogram", unit: "bytes", help: "" });
  const at = { namespace: "example", binding: "north_grpc_server" };
  counters.counter({ metric: "grpc.active.requests", ...at }).value = 12;
  const size = counters.histogram({ metric: "grpc.request.size", ...at });
  for (const value of [13, 20]) size.record(value);
  const path = join(mkdtempSync(join(tmpdir(), "sluice-")), "metrics.sock");
  const served = await serveMetrics(() => metricRows(counters), path);
  const rows = await readMetrics(path);
  await served.close();
  const histogram = "[min: 15 | max: 31 | cnt: 2 | avg: 17]";
  assert.equal(
    metricsTable(rows),
    [
      `namespace    binding              metric                  ${"value".padStart(histogram.length)}`,
      `example      north_grpc_server    grpc.active.requests    ${"12".padStart(histogram.length)}`,
      `example      north_grpc_server    grpc.request.size       ${histogram}`,
      "\n",
    ].join("\n"),
  );
  await assert.rejects(readMetrics(path));
});
