// A remote server between a memory Kafka and a fake gRPC server, with time turned by hand; and what must hold when all is over.
import assert from "node:assert/strict";
import type { Bound } from "../../../src/bindings/binding.ts";
import type { KafkaGrpcCondition, KafkaGrpcRemoteServerConfig } from "../../../src/bindings/kafka-grpc/config.ts";
import type { Limits } from "../../../src/bindings/kafka-grpc/limits.ts";
import { bindRemoteServer } from "../../../src/bindings/kafka-grpc/remote-server.ts";
import { latin1, utf8 } from "../../../src/core/bytes.ts";
import { OK } from "../../../src/core/status.ts";
import { CORRELATION_NAMES } from "../../../src/exchange/names.ts";
import type { Kafka, RecordHeaders, StoredRecord } from "../../../src/ports/kafka.ts";
import type { Batch, Reply as PortReply } from "../../../src/ports/service.ts";
import { ManualClock } from "../../kit/clock.ts";
import { MemoryKafka } from "../../kit/memory-kafka.ts";
import { type TestRuntime, testExits, testRuntime } from "../../kit/runtime.ts";
import { strict } from "../../kit/strict.ts";
import { FakeServer } from "./fake-server.ts";

export const GROUP = "zilla:test-remote_server0";
export const HW = new Uint8Array(Buffer.from("0a0b48656c6c6f20576f726c64", "hex"));
export const HW1 = new Uint8Array(Buffer.from("0a0c48656c6c6f20576f726c6431", "hex"));
export const HW2 = new Uint8Array(Buffer.from("0a0c48656c6c6f20576f726c6432", "hex"));

/** Messages that can be told apart. */
export const message = (i: number): Uint8Array => {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setUint32(0, i);
  return bytes;
};
export const numberOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

export type Headers = readonly (readonly [name: string, value: string])[];

/** A request record; without a value it is a tombstone. */
export interface Request {
  readonly id: string;
  readonly value?: Uint8Array;
  readonly method?: string;
  readonly more?: Headers;
  readonly partition?: number;
  readonly timestampMs?: number;
}

export interface StageOptions {
  readonly limits?: Partial<Limits>;
  readonly when?: readonly Partial<KafkaGrpcCondition>[];
  readonly partitions?: number;
  readonly acks?: KafkaGrpcRemoteServerConfig["acks"];
  readonly retryMs?: number;
  readonly properties?: Readonly<Record<string, string>>;
  /** Records are only delivered to a group that a test starts itself. */
  readonly idle?: boolean;
  readonly kafka?: MemoryKafka;
  readonly clock?: ManualClock;
}

/** A reply record, as tests compare it. */
export interface Reply {
  readonly value: string | null;
  readonly headers: Headers;
}

/** Of a final record, without its correlation id. */
export const final = (code: number, message?: string, ...more: Headers): Headers => [
  ["zilla:status", String(code)],
  ...(message === undefined ? [] : ([["zilla:message", message]] as const)),
  ...more,
];

const encoded = (headers: Headers): RecordHeaders => headers.map(([name, value]) => ({ name, value: utf8(value) }));

export class Stage {
  readonly clock: ManualClock;
  readonly kafka: MemoryKafka;
  readonly server = new FakeServer();
  readonly runtime: TestRuntime;
  readonly bound: Bound;
  /** Records that the group's reader was given. */
  delivered = 0;
  /** Records that calls were given by readers of their own. */
  fed = 0;
  /** Times that the group was to be joined. */
  joins = 0;
  #closed = false;

  constructor(options: StageOptions = {}) {
    this.clock = options.clock ?? new ManualClock(1_700_000_000_000);
    this.kafka =
      options.kafka ?? new MemoryKafka({ clock: this.clock, topics: { requests: options.partitions ?? 1, responses: 1, responses2: 1 } });
    this.runtime = testRuntime({ clock: this.clock, properties: options.properties ?? {} });
    const kafka: Kafka = {
      produce: (to, records, receipt) => this.kafka.produce(to, records, receipt),
      fetch: strict((query, reply) =>
        this.kafka.fetch(
          query,
          tapped(reply, (records) => (this.fed += records.length)),
        ),
      ),
      servers: this.kafka.servers,
      consume: strict((query, reply) => {
        this.joins += 1;
        return this.kafka.consume(
          query,
          tapped(reply, (events) => {
            for (const event of events) if (event.kind === "records") this.delivered += event.records.length;
          }),
        );
      }),
    };
    const exits = testExits({ kafka0: { kafka }, grpc0: { grpc: this.server.grpc } });
    const parts = { random: () => 1, limits: { ...options.limits } };
    this.bound = bindRemoteServer(configOf(options), { exits, runtime: this.runtime }, parts);
    if (!options.idle) this.bound.start?.();
  }

  /** A record of a call to EchoService, as grpc-kafka writes it. */
  request({ id, value, method = "EchoUnary", more = [], partition = 0, timestampMs }: Request): StoredRecord {
    const headers: Headers = [
      ["zilla:service", "example.EchoService"],
      ["zilla:method", method],
      ["zilla:reply-to", "responses"],
      ["zilla:correlation-id", id],
      ...more,
    ];
    return this.record({ id, headers, value: value ?? null, partition, ...(timestampMs === undefined ? {} : { timestampMs }) });
  }
  /** One value and the tombstone. */
  unary(id: string, more: Headers = [], value: Uint8Array = HW): void {
    this.request({ id, value, more });
    this.request({ id, more });
  }
  unaryAt(partition: number, id: string): void {
    this.request({ id, value: HW, partition });
    this.request({ id, partition });
  }
  cancel(id: string, partition = 0): StoredRecord {
    return this.record({ id, headers: [["sluice:cancel", id]], value: new Uint8Array(0), partition });
  }
  record(record: {
    readonly id: string;
    readonly headers: Headers;
    readonly value: Uint8Array | null;
    readonly partition?: number;
    readonly timestampMs?: number;
  }): StoredRecord {
    const { id, headers, value, partition = 0, timestampMs } = record;
    const at = timestampMs === undefined ? { partition } : { partition, timestampMs };
    return this.kafka.write("requests", { key: utf8(id), value, headers: encoded(headers) }, at);
  }

  /** Answers a call with what it was sent. */
  echo(): void {
    this.server.onHalfClose = ({ reply, messages }) => {
      if (messages.length > 0) reply.write(messages);
      reply.end(OK);
    };
  }

  /** All reply records of a call, or of all calls; the correlation id is checked and left out. */
  replies(id?: string): readonly Reply[] {
    const replies: Reply[] = [];
    for (const { key, value, headers } of this.kafka.records("responses")) {
      const of = latin1(headers[0]!.value!);
      assert.equal(headers[0]!.name, "zilla:correlation-id");
      assert.equal(latin1(key!), of, "the key of a reply is its correlation id");
      if (id !== undefined && of !== id) continue;
      const rest = headers.slice(1).map((header) => [header.name, latin1(header.value!)] as const);
      replies.push({ value: value === null ? null : Buffer.from(value).toString("hex"), headers: rest });
    }
    return replies;
  }
  /** The final records of a call. */
  finals(id: string): readonly Headers[] {
    return this.replies(id)
      .filter(({ value }) => value === null)
      .map(({ headers }) => headers);
  }

  count(name: string): number {
    return this.runtime.count(`sluice.kafka.grpc.${name}`);
  }
  get committed(): number {
    return this.kafka.committed(GROUP, { topic: "requests", partition: 0 }) ?? 0;
  }
  get end(): number {
    return this.kafka.records("requests").filter(({ partition }) => partition === 0).length;
  }

  /** Lets everything happen that needs no time. */
  async settle(turns = 60): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  }
  async until(condition: () => boolean, what: string): Promise<void> {
    for (let turn = 0; turn < 5_000; turn++) {
      if (condition()) return;
      await new Promise(setImmediate);
    }
    assert.fail(`did not happen: ${what}`);
  }
  /** Time passes in steps, and what it sets off happens. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(Math.min(stepMs, ms - passed));
      await this.settle(12);
    }
  }

  /** Ends the scenario: every offset is done, and nothing is left. */
  async over(): Promise<void> {
    await this.settle();
    assert.equal(this.committed, this.end, "every offset is done");
    await this.leave();
  }
  /** Ends the scenario where offsets are meant to stay undone. */
  async leave(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.bound.close?.();
    await this.settle();
    assert.equal(this.kafka.readers, 0, "no reader is left");
    assert.equal(this.kafka.members, 0, "the group was left");
    assert.equal(this.runtime.wheel.size, 0, "no timer is left");
    assert.equal(this.count("calls.active"), 0, "no call is left");
    for (const { call, cancelled, reply } of this.server.calls) assert.ok(call && reply, String(cancelled));
  }
}

const tapped = <T, Meta>(reply: PortReply<T, Meta>, seen: (batch: Batch<T>) => void): PortReply<T, Meta> => ({
  headers: (meta) => reply.headers(meta),
  write: (batch) => {
    seen(batch);
    return reply.write(batch);
  },
  end: (status, trailers) => reply.end(status, trailers),
  ready: () => reply.ready(),
});

const configOf = ({ when = [{}], acks = "leader_only", retryMs = 60_000 }: StageOptions): KafkaGrpcRemoteServerConfig => ({
  namespace: "test",
  name: "remote_server0",
  entry: "kafka0",
  acks,
  correlation: CORRELATION_NAMES,
  retryMs,
  callsMax: 1_000,
  routes: [
    {
      exit: "grpc0",
      when: when.map((condition) => ({ topic: "requests", replyTo: "responses", headers: [], ...condition })),
      scheme: "http",
      authority: "localhost:8080",
    },
  ],
});

/** Runs a scenario on a stage of its own, and holds it to what must be so at the end. */
export const staged =
  (scenario: (stage: Stage) => Promise<void>, options: StageOptions = {}): (() => Promise<void>) =>
  async () => {
    const stage = new Stage(options);
    try {
      await stage.settle();
      await scenario(stage);
      await stage.over();
    } finally {
      await stage.bound.close?.();
    }
  };
