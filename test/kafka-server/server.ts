// Apache Kafka on loopback for tests and for trying things out: one node, free ports, a directory of its own that goes with it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../kit/ports.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { raiseFeatures } from "./features.ts";
import { jarsOf, KAFKA_VERSION, type KafkaVersion } from "./jars.ts";
import { formatStorage, type JavaOptions, type Jvm, startJvm } from "./jvm.ts";
import { formatProperties, LOGGING, type Ports } from "./properties.ts";

export interface KafkaOptions {
  /** Default 4.3.1. */
  readonly version?: KafkaVersion;
  /** Also listens with SASL, TLS, mutual TLS and SASL over TLS. Default false. */
  readonly secure?: boolean;
  /** Whether a topic comes into being when it is first used. Default false: a test names its topics. */
  readonly autoCreate?: boolean;
  /** The plain port; default a free one. */
  readonly port?: number;
  /** More lines of `server.properties`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Features to be raised to a level once it runs, such as `group.version`: a broker that was formatted here has them switched off. */
  readonly features?: Readonly<Record<string, number>>;
  readonly heapMb?: number;
  /** Compiles fully instead of quickly: slower to start, faster under load. Default false. */
  readonly optimised?: boolean;
  /** Goes on when this process ends; whoever starts it so ends it by its pid. Default false. */
  readonly detached?: boolean;
}

/** A running broker. Addresses are `host:port`. */
export interface KafkaServer {
  readonly version: KafkaVersion;
  readonly bootstrap: string;
  /** Present when it was started `secure`. The users are those of `properties.ts`. */
  readonly secure?: SecureListeners;
  /** Its data, its log (`server.log`) and its configuration. */
  readonly directory: string;
  readonly pid: () => number;
  /** Ends it and removes its directory. Twice is harmless. */
  stop(): Promise<void>;
  /** Kills it; its data stay. */
  crash(): Promise<void>;
  /** Starts it again after a crash, with its data, on its ports. */
  resume(): Promise<void>;
}

export interface SecureListeners {
  /** SASL over plain TCP. */
  readonly sasl: string;
  /** TLS, no client certificate asked for. */
  readonly tls: string;
  /** TLS with a client certificate of the authority. */
  readonly mutualTls: string;
  readonly saslTls: string;
  readonly certificates: Certificates;
}

const portsFor = async ({ secure, port }: KafkaOptions): Promise<Ports> => {
  const [controller = 0, plain = 0, sasl = 0, tls = 0, mutualTls = 0, saslTls = 0] = await freePorts(6);
  return { controller, plain: port ?? plain, ...(secure ? { sasl, tls, mutualTls, saslTls } : {}) };
};

const listenersOf = (ports: Ports, certificates: Certificates): SecureListeners => ({
  sasl: `127.0.0.1:${ports.sasl}`,
  tls: `127.0.0.1:${ports.tls}`,
  mutualTls: `127.0.0.1:${ports.mutualTls}`,
  saslTls: `127.0.0.1:${ports.saslTls}`,
  certificates,
});

/** Writes the files a broker starts from; what `startJvm` needs to know of them. */
const prepare = async (directory: string, ports: Ports, options: KafkaOptions): Promise<[JavaOptions, Certificates | undefined]> => {
  const certificates = options.secure ? await makeCertificates(join(directory, "certificates")) : undefined;
  const {
    version = KAFKA_VERSION,
    autoCreate = false,
    properties: extra = {},
    heapMb = 512,
    optimised = false,
    detached = false,
  } = options;
  const logDirectory = join(directory, "log");
  mkdirSync(logDirectory);
  writeFileSync(join(directory, "server.properties"), formatProperties({ ports, logDirectory, autoCreate, certificates, extra }));
  for (const [name, text] of Object.entries(LOGGING)) writeFileSync(join(directory, name), text);
  const java: JavaOptions = { jars: await jarsOf(version), directory, heapMb, optimised, detached };
  await formatStorage(java, options.secure === true);
  return [java, certificates];
};

/** Starts a broker; resolves when it answers, rejects with the end of its log when it does not. */
export const startKafka = async (options: KafkaOptions = {}): Promise<KafkaServer> => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-kafka-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const ports = await portsFor(options);
    const [java, certificates] = await prepare(directory, ports, options);
    let jvm: Jvm = await startJvm(java);
    const bootstrap = `127.0.0.1:${ports.plain}`;
    await raiseFeatures(bootstrap, options.features ?? {}).catch((reason) => jvm.crash().finally(() => Promise.reject(reason)));
    return {
      version: options.version ?? KAFKA_VERSION,
      bootstrap,
      ...(certificates ? { secure: listenersOf(ports, certificates) } : {}),
      directory,
      pid: () => jvm.pid,
      stop: () => jvm.stop().finally(remove),
      crash: () => jvm.crash(),
      resume: async () => {
        jvm = await startJvm(java);
      },
    };
  } catch (reason) {
    remove();
    throw reason;
  }
};
