// A Kafka over the network: the port's produce, fetch and consume on one set of brokers. Starting waits for nothing: while no broker
// answers, calls wait, and the log says why.
import type { Clock } from "../../core/clock.ts";
import { fail, type Status, StatusError } from "../../core/status.ts";
import type { Kafka } from "../../ports/kafka.ts";
import { KafkaSource } from "../log/topic-source.ts";
import { kafkaError, kafkaStatus } from "../wire/errors.ts";
import { DECOMPRESSED_BATCH_BYTES_MAX } from "../wire/record-batch.ts";
import { type BrokerAddress, Brokers, type BrokersOptions } from "./brokers.ts";
import { askProducerId, type ProducerIdentity } from "./calls.ts";
import { ClientSource } from "./client-source.ts";
import type { ClientContext } from "./context.ts";
import { FetchLinks } from "./fetch-links.ts";
import { FetchReader } from "./fetch-reader.ts";
import type { GroupProtocol } from "./group-calls.ts";
import { GroupMember } from "./group-member.ts";
import { loadLibrary } from "./library.ts";
import { Life } from "./life.ts";
import { Metadata } from "./metadata.ts";
import { Producer } from "./producer.ts";
import type { Report } from "./report.ts";
import { TopicLimits } from "./topic-limits.ts";

/** Produces without a time of their own are given up after so long; `kafka.timeout`. */
export const KAFKA_TIMEOUT_MS = 30_000;

const CLUSTER_AUTHORIZATION_FAILED = 31;
const CLOSED: Status = fail("UNAVAILABLE", "kafka: the client is closed").status;

export interface ClientOptions extends Pick<BrokersOptions, "dial" | "only" | "clientId" | "sasl"> {
  /** At least one. */
  readonly bootstrap: readonly BrokerAddress[];
  readonly clock: Clock;
  readonly report: Report;
  readonly timeoutMs?: number;
  readonly produceBytesMax?: number;
  readonly decompressedBytesMax?: number;
  /** What members of groups speak; `classic` when absent. */
  readonly groupProtocol?: GroupProtocol;
}

export class KafkaClient implements Kafka {
  readonly timeoutMs: number;
  readonly servers: string;
  readonly #life: Life;
  readonly #brokers: Brokers;
  readonly #metadata: Metadata;
  readonly #producer: Producer;
  readonly #context: ClientContext;
  readonly #fetchLinks: FetchLinks;
  readonly #readers = new Set<FetchReader>();
  readonly #members = new Set<GroupMember>();
  readonly #groupProtocol: GroupProtocol;

  constructor(options: ClientOptions) {
    const { clock, report, bootstrap, dial, only, clientId, sasl } = options;
    const life = new Life(clock);
    this.timeoutMs = options.timeoutMs ?? KAFKA_TIMEOUT_MS;
    this.servers = bootstrap.map(({ host, port }) => `${host}:${port}`).join(",");
    const brokers = new Brokers({ bootstrap, dial, clientId, clock, report, ...(only ? { only } : {}), ...(sasl ? { sasl } : {}) });
    const metadata = new Metadata({ brokers, clock, life, report });
    this.#groupProtocol = options.groupProtocol ?? "classic";
    this.#life = life;
    this.#brokers = brokers;
    this.#metadata = metadata;
    const decompressedBytesMax = options.decompressedBytesMax ?? DECOMPRESSED_BATCH_BYTES_MAX;
    this.#fetchLinks = new FetchLinks(brokers, clock);
    this.#context = { clock, report, life, brokers, metadata, decompressedBytesMax, fetchLinks: this.#fetchLinks };
    this.#producer = new Producer({
      clock,
      report,
      timeoutMs: this.timeoutMs,
      ...(options.produceBytesMax === undefined ? {} : { produceBytesMax: options.produceBytesMax }),
      topics: metadata,
      limits: new TopicLimits({ clock, link: () => brokers.any() }),
      link: (broker) => brokers.link(broker, "produce"),
      identity: () => this.#identity(),
    });
  }

  readonly produce: Kafka["produce"] = (to, records, receipt) => this.#producer.produce(to, records, receipt);

  readonly fetch: Kafka["fetch"] = (query, reply) => {
    if (this.#life.over) throw new StatusError(CLOSED);
    const reader = new FetchReader(this.#context, query, { reply, left: () => this.#readers.delete(reader) });
    this.#readers.add(reader);
    return reader.start();
  };

  /** For a cache. */
  readonly source = new KafkaSource((isolation) => new ClientSource(this.#context, isolation));

  readonly consume: Kafka["consume"] = (query, reply) => {
    if (this.#life.over) throw new StatusError(CLOSED);
    const left = (): boolean => this.#members.delete(member);
    const member = new GroupMember(this.#context, query, { reply, left, protocol: this.#groupProtocol });
    this.#members.add(member);
    return member.start();
  };

  /** Loads the library and begins to look for brokers. Does not wait for one. */
  async start(): Promise<void> {
    await loadLibrary();
    this.#metadata.start();
  }

  /** Exchanges that are open, for tests and gauges. */
  get open(): number {
    return this.#readers.size + [...this.#members].filter((member) => member.open).length;
  }

  /** Ends what is open; resolves when the groups have been left and the connections are closed. */
  async close(): Promise<void> {
    for (const reader of [...this.#readers]) reader.stop(CLOSED);
    await Promise.all([...this.#members].map((member) => member.stop(CLOSED)));
    this.#producer.close(CLOSED);
    this.#life.end();
    this.#fetchLinks.close();
    this.#brokers.close();
  }

  async #identity(): Promise<ProducerIdentity> {
    const { error, id, epoch } = await askProducerId(await this.#brokers.any());
    if (error === 0) return { id, epoch };
    const status = kafkaStatus(error, "a producer id");
    if (error === CLUSTER_AUTHORIZATION_FAILED)
      this.#context.report.trouble("cluster.authorization.failed", "kafka does not let us write idempotently (IdempotentWrite)");
    throw kafkaError(error).retriable ? fail("UNAVAILABLE", status.message) : new StatusError(status);
  }
}
