// The kafka client: speaks with brokers through the library, which dials by itself. The chain of tls and tcp clients behind it is said in
// the library's options; what cannot be said there is refused when the graph is linked.
import { ConfigError } from "../../config/place.ts";
import type { HostPort } from "../../config/units.ts";
import { KafkaClient } from "../../kafka/client/client.ts";
import type { Sasl } from "../../kafka/client/link.ts";
import { Report } from "../../kafka/client/report.ts";
import type { Dial } from "../../ports/connection.ts";
import type { Binding, Bound, Exits, Runtime } from "../binding.ts";
import { type KafkaClientConfig, client as part } from "./config.ts";
import { isCallers } from "./sasl-config.ts";

const CLIENT_ID = "sluice";

export const client: Binding<KafkaClientConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["kafka"],
  exits: "connector",
  parse: part.parse,
  bind: (config, exits, runtime) => bindKafkaClient(config, exits, runtime),
};

const bindKafkaClient = (config: KafkaClientConfig, exits: Exits, runtime: Runtime): Bound => {
  const { namespace, name, timeoutMs, decompressedBatchBytes, produceBytes, groupProtocol } = config;
  const [route] = config.routes;
  if (!route) throw new ConfigError(config.place, `'${name}' has no exit; found none, a tcp or tls client is needed`);
  const { dial } = exits.of("connector", route.exit);
  const { clock, log, events, counters } = runtime;
  const sasl = saslOf(config);
  const { host, port, always } = dial;
  const only = always && host !== undefined && port !== undefined ? { host, port } : undefined;
  const client = new KafkaClient({
    bootstrap: only ? [only] : bootstrapOf(config, dial, route.exit),
    dial,
    ...(only ? { only } : {}),
    clientId: runtime.property("zilla.binding.kafka.client.id") ?? CLIENT_ID,
    ...(sasl ? { sasl } : {}),
    clock,
    report: new Report({ namespace, binding: name, clock, log, events, counters }),
    timeoutMs,
    decompressedBytesMax: decompressedBatchBytes,
    produceBytesMax: produceBytes,
    groupProtocol,
  });
  return { ports: { kafka: client }, start: () => client.start(), close: () => client.close() };
};

const bootstrapOf = ({ servers, name, place }: KafkaClientConfig, { host, port, allows }: Dial, exit: string): readonly HostPort[] => {
  if (servers.length === 0) {
    if (host !== undefined && port !== undefined) return [{ host, port }];
    throw new ConfigError(place, `'${name}' names no 'servers', and '${exit}' has no host and port; one of both is needed`);
  }
  const allowed = servers.filter((server) => allows(server.host, server.port));
  if (allowed.length > 0) return allowed;
  const named = servers.map((server) => `${server.host}:${server.port}`).join(", ");
  throw new ConfigError(place, `'${exit}' allows none of the servers of '${name}': ${named}`);
};

const MECHANISMS = { plain: "PLAIN", "scram-sha-256": "SCRAM-SHA-256", "scram-sha-512": "SCRAM-SHA-512" } as const;

const saslOf = ({ sasl, name, place }: KafkaClientConfig): Sasl | undefined => {
  if (sasl === undefined) return undefined;
  const { mechanism } = sasl;
  if (mechanism === "oauthbearer" || mechanism === "scram-sha-1") {
    const wanted = Object.keys(MECHANISMS).join(", ");
    throw new ConfigError(place, `'${name}' uses '${mechanism}', which is not supported; allowed are ${wanted}`);
  }
  if (isCallers(sasl.username) || isCallers(sasl.password))
    throw new ConfigError(place, `'${name}' takes credentials from the session of a caller, which is not supported; write them out`);
  return { mechanism: MECHANISMS[mechanism], username: sasl.username, password: sasl.password };
};
