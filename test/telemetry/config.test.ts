import assert from "node:assert/strict";
import { test } from "node:test";
import { exporters } from "../../src/telemetry/config.ts";
import { graphOf, mistakesOf } from "../kit/config.ts";

const EXPORTER = (exporter: string): string => `name: t\ntelemetry:\n  exporters:\n    x: ${exporter}\n`;
const sentences = (text: string): readonly string[] => mistakesOf(text).map((each) => each.replace(/^\S+ /, ""));

test("prometheus has its endpoints", () => {
  const found = graphOf(
    EXPORTER(
      "{ type: prometheus, options: { endpoints: [ { scheme: http, port: 7190 }, { scheme: http, host: 127.0.0.1, port: 0, path: /m } ] } }",
    ),
  );
  const node = found.namespaces[0]?.exporters[0];
  assert.ok(node);
  const prometheus = exporters.find(({ type }) => type === "prometheus");
  assert.deepEqual(prometheus?.parse(node), {
    type: "prometheus",
    endpoints: [
      { port: 7190, path: "/metrics", place: { file: "zilla.yaml", line: 4, column: 74 } },
      { host: "127.0.0.1", port: 0, path: "/m", place: { file: "zilla.yaml", line: 4, column: 121 } },
    ],
  });
});

for (const [says, exporter, message] of [
  ["no endpoints", "{ type: prometheus, options: { endpoints: [] } }", "found an empty list, but a list of at least 1 is needed"],
  ["an endpoint without a scheme", "{ type: prometheus, options: { endpoints: [ { port: 1 } ] } }", "missing 'scheme'; allowed: http"],
  [
    "an endpoint over TLS",
    "{ type: prometheus, options: { endpoints: [ { scheme: https, port: 1 } ] } }",
    "found 'https', but 'http' is needed",
  ],
  ["otlp without a collector", "{ type: otlp, options: { interval: 5 } }", "missing 'endpoint'"],
  [
    "otlp that sends traces",
    "{ type: otlp, options: { signals: [ traces ], endpoint: { location: 'http://c' } } }",
    "found 'traces', no such value here; allowed: metrics, logs",
  ],
  ["stdout with options", "{ type: stdout, options: {} }", "found 'options', no such key here; allowed: type"],
] as const) {
  test(`${says}: one mistake`, () => assert.deepEqual(sentences(EXPORTER(exporter)), [message]));
}

test("metrics of our own may be listed, misspelt ones of the original's not", () => {
  assert.deepEqual(sentences("name: t\ntelemetry: { metrics: [ grpc.duration, engine.workers.count, sluice.kafka.lag ] }\n"), []);
  assert.match(
    sentences("name: t\ntelemetry: { metrics: [ grpc.durration ] }\n").join(),
    /^found 'grpc.durration', no such value here; did you mean 'grpc.duration'\?/,
  );
});

test("labels of a binding are expressions over http", () => {
  const labelled = (label: string): string =>
    `name: t\nbindings:\n  e: { type: echo, kind: server, telemetry: { attributes: { m: '${label}' } } }\n`;
  assert.deepEqual(sentences(labelled("${http.request.method}")), []);
  assert.deepEqual(sentences(labelled("method")), [
    "found 'method', but an expression such as '${http.request.method}' or '${http.response.status}' is needed",
  ]);
});
