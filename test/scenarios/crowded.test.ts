// A stream that stays open while thousands of calls behind it are finished, between its messages: what is done no longer fits a commit.
// Its partition begins no more calls then; the other partition does, and the stream goes on.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import { COMMIT_METADATA_BYTES_MAX, decodeDone } from "../../src/kafka/client/commit-metadata.ts";
import { CROWDED_SHARE } from "../../src/kafka/client/owned-partition.ts";
import { partitionFor } from "../../src/kafka/wire/murmur2.ts";
import type { Kafka, ProducedRecord, StoredRecord } from "../../src/ports/kafka.ts";
import { type Backend, ECHO_SERVICE, startBackend } from "../kit/backend.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { Fetching, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";
import { startScenario } from "../kit/scenario.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";
import { SLUICE } from "../kit/sluice.ts";
import { type Committed, commitsOf } from "../kit/topics.ts";

/** Done and not done by turns: two bytes each, and so more than twice what a commit holds. */
const ROUNDS = 4_000;
const ROUNDS_AT_ONCE = 200;
const PARTITIONS = 2;
const OTHERS = 50;
const LOOK_EVERY_MS = 50;

/** An id of that partition. */
const idAt = (partition: number, begins: string): string => {
  for (let at = 0; ; at++) if (partitionFor(utf8(`${begins}${at}`), PARTITIONS) === partition) return `${begins}${at}`;
};

class Writer {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #replyTo: string;
  readonly #method = { stream: "BidirectionalStreamingEcho", call: "UnaryEcho" };

  constructor(kafka: Kafka, topic: string, replyTo: string) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#replyTo = replyTo;
  }

  record(kind: "stream" | "call", id: string, value: string | null): ProducedRecord {
    const headers = [
      ["zilla:service", ECHO_SERVICE],
      ["zilla:method", this.#method[kind]],
      ["zilla:reply-to", this.#replyTo],
      ["zilla:correlation-id", id],
    ].map(([name = "", text = ""]) => ({ name, value: utf8(text) }));
    return { key: utf8(id), value: value === null ? null : utf8(value), headers };
  }
  call(id: string): readonly ProducedRecord[] {
    return [this.record("call", id, id), this.record("call", id, null)];
  }
  /** To the partition of the first one's key. */
  async write(records: readonly ProducedRecord[]): Promise<void> {
    const { status } = await produced(this.#kafka, { topic: this.#topic, acks: "in_sync_replicas" }, records);
    assert.equal(status.code, Code.OK, status.message);
  }
}

const callsSeen = ({ seen }: Backend, begins: string): number =>
  seen.filter(({ requests }) => requests[0]?.toString().startsWith(begins) === true).length;

const metricsOf = async (engine: string): Promise<ReadonlyMap<string, number>> => {
  const text = await runOrFail(process.execPath, { args: [SLUICE, "metrics", "-P", `zilla.engine.directory=${engine}`] });
  const values = new Map<string, number>();
  for (const line of text.toString().split("\n")) {
    const [, , name, value] = line.trim().split(/\s+/);
    if (name !== undefined) values.set(name, (values.get(name) ?? 0) + Number(value));
  }
  return values;
};

describe("a stream before more finished calls than a commit can name", needs("kafka"), () => {
  test("its partition begins no more until it ends; the other does, the stream goes on, and all are answered once", async () => {
    const undo: (() => unknown)[] = [];
    try {
      const kafka = await sharedKafka();
      undo.push(() => kafka.stop());
      const backend = await startBackend();
      undo.push(() => backend.stop());
      const engine = mkdtempSync(join(tmpdir(), "sluice-engine-"));
      const topics = { "echo-requests": PARTITIONS, "echo-responses": 1 };
      const options = { example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port, sluice: { engine } };
      const scenario = await startScenario(options);
      undo.push(() => scenario.stop());
      const { client } = clientOf(kafka.bootstrap);
      await client.start();
      undo.push(() => client.close());
      const [requests = "", replies = ""] = ["echo-requests", "echo-responses"].map((name) => scenario.topics[name]);
      await play({ engine, backend, client, requests, replies, group: `zilla:${scenario.namespace}-west_kafka_grpc_remote_server`, kafka });
    } finally {
      for (const step of undo.reverse()) await step();
    }
  });
});

interface Stage {
  readonly engine: string;
  readonly backend: Backend;
  readonly client: Kafka;
  readonly requests: string;
  readonly replies: string;
  readonly group: string;
  readonly kafka: { readonly bootstrap: string };
}

/** Reads the reply topic; settles when so many calls whose ids begin so have their final record. */
const answersOf = (client: Kafka, topic: string) => {
  const answers = new Fetching(client, { topic });
  const isFinal = ({ key, value }: StoredRecord, begins: string): boolean =>
    value === null &&
    Buffer.from(key ?? [])
      .toString()
      .startsWith(begins);
  const answered = async (begins: string, count: number): Promise<void> => {
    const finals = (): number => answers.records.filter((record) => isFinal(record, begins)).length;
    while (finals() < count) await answers.until(answers.records.length + 1);
    assert.equal(finals(), count);
  };
  return { answered, close: () => answers.cancel() };
};

const play = async (stage: Stage): Promise<void> => {
  const { backend, client, requests, replies, engine } = stage;
  const writer = new Writer(client, requests, replies);
  const { answered, close } = answersOf(client, replies);
  const stream = idAt(0, "stream");
  const say = (text: string): ProducedRecord => writer.record("stream", stream, text);
  await writer.write([say("stream begins")]);
  for (let round = 0; round < ROUNDS; round += ROUNDS_AT_ONCE) {
    const rounds = Array.from({ length: ROUNDS_AT_ONCE }, (_, at) => round + at);
    await writer.write(rounds.flatMap((at) => [say(`${at}`), ...writer.call(`crowd ${at}`)]));
  }
  await untilCrowded(stage);
  await writer.write(writer.call(idAt(1, "first other")));
  await answered("first other", 1);
  const begun = callsSeen(backend, "crowd");
  assert.ok(begun < ROUNDS, `${begun} were begun`);
  for (let at = 0; at < OTHERS; at++) await writer.write(writer.call(idAt(1, `other ${at} `)));
  await writer.write([say("goes on")]);
  const [long] = backend.seen;
  await backend.saw((one) => one === long && one.requests.at(-1)?.toString() === "goes on");
  await answered("other", OTHERS);
  assert.equal(callsSeen(backend, "crowd"), begun, "nothing was begun on the crowded partition");
  const metrics = await metricsOf(engine);
  assert.deepEqual([metrics.get("sluice.kafka.grpc.crowded"), metrics.get("sluice.kafka.grpc.pauses")], [1, 1]);
  await writer.write([writer.record("stream", stream, null)]);
  await answered("crowd", ROUNDS);
  await answered("stream", 1);
  assert.equal(long?.requests.length, ROUNDS + 2);
  assertOnce(backend);
  await untilCommitted(stage, ({ offset, metadata }) => offset === 1 + ROUNDS * 3 + 2 && metadata === "");
  close();
};

const assertOnce = ({ seen }: Backend): void => {
  const times = new Map<string, number>();
  for (const { requests } of seen) times.set(String(requests[0]), (times.get(String(requests[0])) ?? 0) + 1);
  assert.equal(times.size, 1 + ROUNDS + OTHERS + 1);
  assert.deepEqual([...new Set(times.values())], [1], "each was begun once");
};

/** What is committed of the crowded partition, when that holds. */
const untilCommitted = async ({ kafka, group, requests }: Stage, holds: (commit: Committed) => boolean): Promise<Committed> => {
  for (;;) {
    const [commit] = await commitsOf(kafka.bootstrap, group, requests);
    if (commit !== undefined && holds(commit)) return commit;
    await setTimeout(LOOK_EVERY_MS);
  }
};

/** The stream's first offset is committed, and so much is done behind it that the partition is crowded. */
const untilCrowded = async (stage: Stage): Promise<void> => {
  const long = ({ metadata }: Committed): boolean => metadata.length > COMMIT_METADATA_BYTES_MAX * CROWDED_SHARE;
  const { offset, metadata } = await untilCommitted(stage, long);
  assert.equal(offset, 0);
  assert.ok(metadata.length <= COMMIT_METADATA_BYTES_MAX);
  assert.ok(decodeDone(offset, metadata).length > 700);
};
