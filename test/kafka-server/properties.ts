// The broker's configuration: one node that is broker and controller, on loopback, small, and quick to form groups.
import type { Certificates } from "./certificates.ts";

/** One number a listener; the last four only where the broker is secure. */
export interface Ports {
  readonly controller: number;
  readonly plain: number;
  readonly sasl?: number;
  readonly tls?: number;
  readonly mutualTls?: number;
  readonly saslTls?: number;
}

export interface PropertiesOf {
  readonly ports: Ports;
  readonly logDirectory: string;
  readonly autoCreate: boolean;
  readonly certificates?: Certificates | undefined;
  /** Added last, so they win. */
  readonly extra: Readonly<Record<string, string>>;
}

/** alice knows PLAIN and both SCRAMs, bob knows PLAIN only. */
export const USERS = { alice: "alice-secret", bob: "bob-secret" } as const;

/** Listener name → security protocol. */
const SECURE = { SASL: "SASL_PLAINTEXT", TLS: "SSL", MTLS: "SSL", SASLTLS: "SASL_SSL" } as const;

const listenersOf = (ports: Ports): string => {
  const all = { PLAINTEXT: ports.plain, SASL: ports.sasl, TLS: ports.tls, MTLS: ports.mutualTls, SASLTLS: ports.saslTls };
  return Object.entries(all)
    .filter(([, port]) => port !== undefined)
    .map(([name, port]) => `${name}://127.0.0.1:${port}`)
    .join(",");
};

const MODULE = "org.apache.kafka.common.security";
const saslOf = (listener: string): Record<string, string> => ({
  [`listener.name.${listener}.sasl.enabled.mechanisms`]: "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
  [`listener.name.${listener}.plain.sasl.jaas.config`]: `${MODULE}.plain.PlainLoginModule required user_alice="${USERS.alice}" user_bob="${USERS.bob}";`,
  [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: `${MODULE}.scram.ScramLoginModule required;`,
  [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: `${MODULE}.scram.ScramLoginModule required;`,
});

const securityOf = (certificates: Certificates): Record<string, string> => ({
  ...saslOf("sasl"),
  ...saslOf("sasltls"),
  "ssl.keystore.type": "PEM",
  "ssl.keystore.location": certificates.server.keystore,
  "ssl.truststore.type": "PEM",
  "ssl.truststore.location": certificates.authority,
  "listener.name.mtls.ssl.client.auth": "required",
});

const SMALL: Readonly<Record<string, string>> = {
  "num.partitions": "1",
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "4",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "transaction.state.log.num.partitions": "4",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  "default.replication.factor": "1",
  "min.insync.replicas": "1",
  "group.initial.rebalance.delay.ms": "0",
  "num.network.threads": "2",
  "num.io.threads": "4",
  "log.cleaner.dedupe.buffer.size": "8388608",
  "controlled.shutdown.enable": "false",
};

/** The text of `server.properties`. */
export const formatProperties = (of: PropertiesOf): string => {
  const secure = of.certificates ? Object.entries(SECURE).map(([name, protocol]) => `,${name}:${protocol}`) : [];
  const listeners = listenersOf(of.ports);
  const all: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${of.ports.controller}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `${listeners},CONTROLLER://127.0.0.1:${of.ports.controller}`,
    "advertised.listeners": listeners,
    "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT${secure.join("")}`,
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": of.logDirectory,
    "auto.create.topics.enable": String(of.autoCreate),
    ...SMALL,
    ...(of.certificates ? securityOf(of.certificates) : {}),
    ...of.extra,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
};

const PATTERN = "[%d] %p %m (%c)%n";
/** Both logging libraries: 3.9 reads the first, 4.x the second. */
export const LOGGING: Readonly<Record<string, string>> = {
  "log4j.properties": `log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=${PATTERN}
`,
  "log4j2.properties": `appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=${PATTERN}
rootLogger.level=INFO
rootLogger.appenderRef.out.ref=out
`,
};
