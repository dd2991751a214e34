// A proxy over a Kafka in memory, calls to it, and its records as tables, for the tests beside this file.
import assert from "node:assert/strict";
import type { GrpcKafkaProxyConfig, GrpcKafkaRoute, ProduceWith } from "../../../src/bindings/grpc-kafka/config.ts";
import { proxy as binding } from "../../../src/bindings/grpc-kafka/proxy.ts";
import { buffer, text, utf8 } from "../../../src/core/bytes.ts";
import type { Status } from "../../../src/core/status.ts";
import { CORRELATION_NAMES } from "../../../src/exchange/names.ts";
import type { Call, Grpc, GrpcRequests, Message, Metadata } from "../../../src/ports/grpc.ts";
import type { Kafka, ProducedRecord, ProduceTo, RecordHeaders, Share, StoredRecord } from "../../../src/ports/kafka.ts";
import { ManualClock } from "../../kit/clock.ts";
import { MemoryKafka, type MemoryOptions } from "../../kit/memory-kafka.ts";
import { type TestRuntime, testExits, testRuntime } from "../../kit/runtime.ts";
import { strict } from "../../kit/strict.ts";

export const KEY = "59410e57-3e0f-4b61-9328-f645a7968ac8";
export const UNARY = `${KEY}-479f2c3fb58bc3f04bbe15440a657670`;
export const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, "hex"));
export const HW = hex("0a0b48656c6c6f20576f726c64");
export const HW1 = hex("0a0c48656c6c6f20576f726c6431");
export const HW2 = hex("0a0c48656c6c6f20576f726c6432");

export const literal = (value: string) => ({ kind: "literal", text: value }) as const;

export const PRODUCE: ProduceWith = {
  capability: "produce",
  topic: "requests",
  acks: "leader_only",
  key: literal("test"),
  overrides: [["zilla:identity", literal("test")]],
  replyTo: "responses",
  metadata: [],
  extensions: true,
  replies: "all",
};

/** One route for everything. */
export const produceRoute = (changes: Partial<ProduceWith> = {}): GrpcKafkaRoute => ({
  exit: "kafka0",
  when: [],
  with: { ...PRODUCE, ...changes },
});

export const configOf = (routes: readonly GrpcKafkaRoute[], changes: Partial<GrpcKafkaProxyConfig> = {}): GrpcKafkaProxyConfig => ({
  namespace: "test",
  name: "grpc_kafka0",
  reliability: { field: 32767, metadata: "last-message-id" },
  idempotency: { metadata: "idempotency-key" },
  correlation: CORRELATION_NAMES,
  routes,
  ...changes,
});

export interface Rig {
  readonly kafka: MemoryKafka;
  readonly grpc: Grpc;
  readonly runtime: TestRuntime;
  /** Stands still unless the test turns it, so a call that waits for ever ends its test at once. */
  readonly clock: ManualClock;
}

export interface RigSetting {
  readonly kafka?: Omit<MemoryOptions, "clock">;
  /** What the proxy exits to instead of the memory Kafka. */
  readonly exit?: (kafka: MemoryKafka, clock: ManualClock) => Kafka;
  readonly config?: Partial<GrpcKafkaProxyConfig>;
  /** Of the replies, where a route says `own`. */
  readonly share?: Share;
}

export const proxyOf = (routes: readonly GrpcKafkaRoute[], setting: RigSetting = {}): Rig => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const kafka = new MemoryKafka({ ...setting.kafka, clock });
  return { ...proxyOver(kafka, clock, { routes, ...setting }), kafka, clock };
};

/** Another proxy over the same Kafka, as another process would be. */
export const proxyOver = (
  kafka: MemoryKafka,
  clock: ManualClock,
  { routes, ...setting }: RigSetting & { readonly routes: readonly GrpcKafkaRoute[] },
): Pick<Rig, "grpc" | "runtime"> => {
  const runtime = { ...testRuntime({ clock }), ...(setting.share && { share: setting.share }) };
  const exits = testExits({ kafka0: { kafka: setting.exit?.(kafka, clock) ?? kafka } });
  const { grpc } = binding.bind(configOf(routes, setting.config), exits, runtime).ports;
  assert.ok(grpc);
  return { grpc, runtime };
};

export const callOf = (method: string, metadata: Metadata = [], changes: Partial<Call> = {}): Call => ({
  service: "example.EchoService",
  method,
  scheme: "http",
  authority: "localhost:8080",
  metadata,
  deadlineMs: Number.POSITIVE_INFINITY,
  ...changes,
});

export const ONE_REPLY: Partial<Call> = { descriptor: { requestStream: false, responseStream: false } };

/** A record as a row: key, headers as `name=value`, value in hexadecimal or null. */
export type Row = readonly [key: string, headers: readonly string[], value: string | null];

const isCancel = (record: StoredRecord): boolean => record.header("sluice:cancel") !== undefined;
const headerRows = (record: StoredRecord): string[] => {
  const rows: string[] = [];
  record.eachHeader((name, value) => rows.push(`${name}=${value === null ? "null" : text(value)}`));
  return rows;
};
const rowOf = (record: StoredRecord, headers: readonly string[]): Row => [
  text(record.key ?? utf8("")),
  headers,
  record.value === null ? null : buffer(record.value).toString("hex"),
];

/** As any reader sees the topic. */
export const rows = (kafka: MemoryKafka, topic = "requests"): Row[] =>
  kafka.records(topic).map((record) => rowOf(record, headerRows(record)));

/** As a reader sees it that does not know our headers and passes over what it does not know. */
export const foreignRows = (kafka: MemoryKafka, topic = "requests"): Row[] =>
  kafka
    .records(topic)
    .filter((record) => !isCancel(record))
    .map((record) =>
      rowOf(
        record,
        headerRows(record).filter((row) => !row.startsWith("sluice:")),
      ),
    );

/** What each record is: a value, the tombstone or a cancel. */
export const kinds = (kafka: MemoryKafka, topic = "requests"): string[] =>
  kafka.records(topic).map((record) => (isCancel(record) ? "cancel" : record.value === null ? "tombstone" : "value"));

export const headersOf = (pairs: Readonly<Record<string, string | null>>): RecordHeaders =>
  Object.entries(pairs).map(([name, value]) => ({ name, value: value === null ? null : utf8(value) }));

/** Writes a reply to the call that `request` belongs to. */
export const answer = (
  kafka: MemoryKafka,
  request: StoredRecord,
  reply: { readonly value: Uint8Array | null; readonly headers?: Readonly<Record<string, string | null>> },
): void => {
  const id = request.header("zilla:correlation-id");
  assert.ok(id, "the request has a correlation id");
  const headers = [{ name: "zilla:correlation-id", value: id }, ...headersOf(reply.headers ?? {})];
  kafka.write("responses", { key: id, value: reply.value, headers });
};

export interface Produced {
  readonly to: ProduceTo;
  readonly records: readonly ProducedRecord[];
}

/** The Kafka, with everything it is asked to produce kept in `produces`. */
export const recording = (kafka: Kafka, produces: Produced[]): Kafka => ({
  fetch: kafka.fetch,
  consume: kafka.consume,
  produce(to, records, receipt) {
    produces.push({ to, records });
    kafka.produce(to, records, receipt);
  },
});

/** What is under way by now has arrived after so many turns of the loop: nothing here takes longer. */
const TURNS = 12;
export const turns = async (): Promise<void> => {
  for (let i = 0; i < TURNS; i++) await new Promise((done) => setImmediate(done));
};

/** Nothing of any call is left. */
export const assertQuiet = async ({ kafka, runtime }: Rig): Promise<void> => {
  await turns();
  assert.equal(kafka.readers, 0, "a reader is left");
  assert.equal(runtime.wheel.size, 0, "a timer is left");
};

/** A call that a test conducts by hand, under the contract. */
export class Conducted {
  readonly messages: Message[] = [];
  /** How many messages came together. */
  readonly batches: number[] = [];
  headers: Metadata | undefined;
  trailers: Metadata | undefined;
  status: Status | undefined;
  /** How often requests were said to be welcome again. */
  readied = 0;
  /** What `write` of a reply says. */
  go = true;
  readonly to: GrpcRequests;

  get code(): number | undefined {
    return this.status?.code;
  }

  constructor(grpc: Grpc, call: Call) {
    this.to = strict(grpc)(call, {
      headers: (meta) => {
        this.headers = meta;
      },
      write: (batch) => {
        this.messages.push(...batch);
        this.batches.push(batch.length);
        return this.go;
      },
      end: (status, trailers) => {
        this.status = status;
        this.trailers = trailers;
      },
      ready: () => {
        this.readied += 1;
      },
    });
  }
}
