// `telemetry` of a namespace and of a binding, and the exporters: what may be written there.
import type { EntityNode } from "../config/node.ts";
import { type EntityPart, entitySchema, KEY_NAMES, type Parts, VAULT } from "../config/part.ts";
import type { Place } from "../config/place.ts";
import { flag, integer, list, mapOf, object, oneOf, ours, type Schema, text } from "../config/schema.ts";
import { metricNames } from "./metrics.ts";

/** Exported always; they may be listed all the same. */
const ENGINE_METRICS: readonly string[] = ["engine.workers.capacity", "engine.workers.count", "engine.workers.usage"];

const METRIC: Schema = {
  description: "A metric that bindings may record",
  if: { type: "string", pattern: "^sluice\\." },
  // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema.
  then: { type: "string" },
  else: { enum: [...metricNames, ...ENGINE_METRICS] },
};

const LABEL: Schema = text("Where the label is taken from", {
  pattern: "^\\$\\{http\\.(request|response)\\.[^{}]+\\}$",
  wanted: `an expression such as '\${http.request.method}' or '\${http.response.status}'`,
});

export const telemetry: Parts["telemetry"] = {
  namespace: {
    attributes: mapOf("What the process is called by, for otlp", text("The value")),
    metrics: list("Which metrics are recorded at all", METRIC),
  },
  binding: object("What is measured of this binding", {
    metrics: list(
      "Regular expressions that must match the whole name of a metric, such as 'grpc.*'",
      text("A regular expression", { format: "regex", wanted: "a regular expression" }),
    ),
    attributes: mapOf("Labels of http metrics, by name", LABEL),
  }),
};

/** Where metrics are answered. */
export interface PrometheusEndpoint {
  /** Absent: all addresses, as in the original. */
  readonly host?: string;
  readonly port: number;
  readonly path: string;
  readonly place: Place;
}

export interface PrometheusConfig {
  readonly type: "prometheus";
  readonly endpoints: readonly PrometheusEndpoint[];
}

export const METRICS_PATH = "/metrics";

const parsePrometheus = (node: EntityNode): PrometheusConfig => {
  const endpoints = node.at("options", "endpoints").items();
  const ports = new Set<string>();
  for (const endpoint of endpoints) {
    const at = `${endpoint.at("host").string() ?? ""}:${endpoint.at("port").number()}`;
    if (ports.has(at) && !at.endsWith(":0"))
      endpoint.at("port").refuse(`the port ${endpoint.at("port").number()} stands twice; each endpoint needs its own`);
    ports.add(at);
  }
  return {
    type: "prometheus",
    endpoints: endpoints.map((endpoint) => {
      const host = endpoint.at("host").string();
      return {
        ...(host === undefined ? {} : { host }),
        port: endpoint.at("port").number() ?? 0,
        path: endpoint.at("path").string() ?? METRICS_PATH,
        place: endpoint.at("port").place,
      };
    }),
  };
};

const prometheus: EntityPart<PrometheusConfig> = {
  type: "prometheus",
  schema: entitySchema(
    "prometheus",
    {
      options: object(
        "Where metrics are answered",
        {
          endpoints: list(
            "Each is a listener",
            object(
              "Where",
              {
                scheme: oneOf("How", ["http"]),
                host: ours(undefined, text("Only this address")),
                port: integer("The port", { minimum: 0, maximum: 65535 }),
                path: text("The path", { default: METRICS_PATH }),
              },
              { required: ["scheme", "port"] },
            ),
            { minItems: 1 },
          ),
        },
        { required: ["endpoints"] },
      ),
    },
    { description: "Answers metrics to Prometheus", required: ["type", "options"] },
  ),
  parse: parsePrometheus,
};

const otlp: EntityPart<{ readonly type: "otlp" }> = {
  type: "otlp",
  schema: entitySchema(
    "otlp",
    {
      vault: VAULT,
      options: object(
        "Where metrics and logs are sent",
        {
          interval: integer("Seconds between two reports", { minimum: 1, default: 30 }),
          signals: list("What is sent", oneOf("A signal", ["metrics", "logs"])),
          endpoint: object(
            "Where",
            {
              protocol: oneOf("How", ["http"], { default: "http" }),
              location: text("The address of the collector"),
              overrides: object("Other paths or addresses", { metrics: text("For metrics"), logs: text("For logs") }),
            },
            { required: ["location"] },
          ),
          tls: object("How TLS is spoken", {
            keys: KEY_NAMES("Keys, by alias in the vault"),
            trust: KEY_NAMES("Authorities, by alias in the vault"),
            trustcacerts: flag("Whether the system's authorities are trusted too"),
          }),
          credentials: object("What the collector is shown", {
            headers: object("In headers", { authorization: text("Sent as it stands here") }),
          }),
        },
        { required: ["endpoint"] },
      ),
    },
    { description: "Sends metrics and logs to an OpenTelemetry collector", required: ["type", "options"] },
  ),
  parse: () => ({ type: "otlp" }),
};

const stdout: EntityPart<{ readonly type: "stdout" }> = {
  type: "stdout",
  schema: entitySchema("stdout", {}, { description: "Prints events", required: ["type"] }),
  parse: () => ({ type: "stdout" }),
};

export const exporters: readonly EntityPart<unknown>[] = [prometheus, otlp, stdout];
