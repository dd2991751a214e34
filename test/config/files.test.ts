import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "../../src/config/load.ts";
import { unbuilt } from "../../src/config/unbuilt.ts";
import { parts } from "../../src/engine/parts.ts";
import { graphOf, lines, loadText } from "../kit/config.ts";

const PORTS = ["PORT", "DISPATCH_SERVICE_PORT", "ECHO_SERVER_PORT", "ROUTE_GUIDE_SERVER_PORT", "KAFKA_PORT"];
/** Any variable is set, to something of its kind. */
const settingOf = (name: string): string => {
  if (PORTS.includes(name)) return "7151";
  if (name === "KAFKA_BOOTSTRAP_SERVER") return "kafka:9092";
  return name === "KEYSTORE_TYPE" ? "pkcs12" : "value";
};
const ENVIRONMENT = new Proxy<Record<string, string>>({}, { get: (_, name) => settingOf(String(name)) });

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const examples = readdirSync(new URL("../../examples", import.meta.url), { withFileTypes: true }).filter((each) => each.isDirectory());

for (const { name } of examples) {
  test(`the example ${name} has no mistakes, and nothing in it is refused`, () => {
    const text = read(`../../examples/${name}/zilla.yaml`);
    assert.deepEqual(unbuilt(graphOf(text, ENVIRONMENT)).refusals.map(String), []);
  });
}

test("vortex: the older dialect loads with warnings only", () => {
  const { mistakes, warnings, graph } = loadText(read("files/vortex.yaml"), ENVIRONMENT);
  assert.deepEqual(mistakes.map(String), []);
  assert.deepEqual(lines(warnings), ["60:7 'services' is an older spelling; write 'catalog' with the subjects of a filesystem catalog"]);
  assert.deepEqual(graph && unbuilt(graph), { refusals: [], warnings: [] });
});

test("the how-to: topics by method, filters and expressions load", () => {
  const { mistakes, warnings, graph } = loadText(read("files/route-guide.yaml"), ENVIRONMENT);
  assert.deepEqual(mistakes.map(String), []);
  assert.equal(warnings.length, 1);
  assert.equal(
    graph?.bindings
      .find(({ name }) => name === "north_tcp_server")
      ?.at("options", "port")
      .number(),
    7151,
  );
});

test("taxi: both namespaces are checked, and a start says by name which bindings it cannot serve", () => {
  const { graph, mistakes } = loadText(read("files/taxi.yaml"), ENVIRONMENT);
  assert.deepEqual(mistakes.map(String), []);
  assert.deepEqual(graph && lines(unbuilt(graph).refusals), [
    "12:11 bindings of type mqtt are not served here; take 'north_mqtt_server' out, or run it elsewhere",
    "20:11 bindings of type mqtt-kafka are not served here; take 'north_mqtt_kafka_mapping' out, or run it elsewhere",
  ]);
});

test("taxi: the hailing part alone has older keys and nothing that is refused", () => {
  const [, hailing = ""] = read("files/taxi.yaml").split("---\n");
  const { graph, warnings } = loadText(hailing, ENVIRONMENT);
  assert.deepEqual(
    lines(warnings).map((each) => each.split("; ")[0]),
    ["57:7 'services' is an older spelling", "125:7 'sasl' is an older spelling"],
  );
  assert.deepEqual(graph && unbuilt(graph), { refusals: [], warnings: [] });
});

test("a reference crosses from one namespace of taxi to the other", () => {
  const graph = graphOf(read("files/taxi.yaml"), ENVIRONMENT);
  const server = graph.bindings.find(({ qualified }) => qualified === "taxi-tracking:south_kafka_cache_server");
  assert.equal(server?.exit?.target.qualified, "taxi-hailing:south_kafka_client");
});

test("a configuration is loaded fast enough to be looked at after every change", () => {
  const text = read("files/taxi.yaml");
  const source = { file: "zilla.yaml", directory: "/etc/zilla", text };
  load(source, parts, ENVIRONMENT);
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    load(source, parts, ENVIRONMENT);
    return performance.now() - started;
  });
  assert.ok(Math.min(...times) < 150, `${Math.min(...times)} ms`);
});
