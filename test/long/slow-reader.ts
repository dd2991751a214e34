// `npm run long:slow-reader`: a hundred readers of one topic, to whom a gigabyte flows, with one more beside them that never reads: what the
// process holds afterwards is the same as without it. With a number of rounds it only rehearses: `npm run long:slow-reader -- 1`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { StatusError } from "../../src/core/status.ts";
import type { Kafka, ProducedRecord } from "../../src/ports/kafka.ts";
import type { Batch } from "../../src/ports/service.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { startLoad } from "../kit/load/load.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { SLOW_READER } from "./expected.ts";
import { longRun, type Report, rehearse } from "./record.ts";

const PATH = "/example.FanoutService/FanoutServerStream";
const MESSAGE_BYTES = 1_024;
const BYTES = SLOW_READER.megabytes * 1_000_000;
const RECORDS = Math.ceil(BYTES / SLOW_READER.readers / MESSAGE_BYTES);
const PRODUCE_RECORDS = 128;
const MIB = 1_024 * 1_024;
const LOOK_EVERY_MS = 50;

/** In the process that is looked at: what lives after a collection, told on standard error when it is asked by a signal. */
const PROBE = `process.on("SIGUSR2", () => {
  gc(); gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write("lives " + (heapUsed + external) + "\\n");
});`;
const NODE_ARGS = ["--expose-gc", "--import", `data:text/javascript,${encodeURIComponent(PROBE)}`];

const livesIn = async ({ sluice }: Scenario): Promise<number> => {
  const told = (): RegExpMatchArray[] => [...sluice.log().matchAll(/^lives ([0-9]+)$/gm)];
  const before = told().length;
  process.kill(sluice.pid, "SIGUSR2");
  while (told().length === before) await sleep(LOOK_EVERY_MS);
  return Number(told().at(-1)?.[1]);
};

const produceOne = (kafka: Kafka, topic: string, records: Batch<ProducedRecord>): Promise<void> =>
  new Promise((resolve, reject) =>
    kafka.produce({ topic, acks: "leader_only" }, records, {
      produced: (status) => (status.code === 0 ? resolve() : reject(new StatusError(status))),
    }),
  );

const produceAll = async (kafka: Kafka, topic: string, count: number): Promise<void> => {
  const value = new Uint8Array(MESSAGE_BYTES).fill(0x2e);
  for (let left = count; left > 0; left -= PRODUCE_RECORDS) {
    const records = new Array<ProducedRecord>(Math.min(left, PRODUCE_RECORDS)).fill({ key: null, value, headers: [] });
    await produceOne(kafka, topic, records);
  }
};

/** Opens a stream and takes nothing of it but the headers. */
const openStalled = async (port: number): Promise<() => void> => {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ":method": "POST", ":path": PATH, "content-type": "application/grpc", te: "trailers" });
  stream.on("error", () => {}); // It is ended when the round is over.
  stream.end(Buffer.alloc(5));
  await once(stream, "response");
  return () => session.destroy();
};

interface Round {
  readonly lives: number;
  readonly tookMs: number;
}

/** A process of its own each time. */
const round = async (kafka: SharedKafka, stalls: "one stalls" | "none stalls"): Promise<Round> => {
  const undo: (() => unknown)[] = [];
  try {
    const scenario = await startScenario({ example: "grpc.kafka.fanout", kafka, topics: { messages: 1 }, sluice: { nodeArgs: NODE_ARGS } });
    undo.push(() => scenario.stop());
    const { client } = clientOf(kafka.bootstrap);
    await client.start();
    undo.push(() => client.close());
    const topic = scenario.topics["messages"] ?? "";
    await produceOne(client, topic, [{ key: null, value: new Uint8Array(1), headers: [] }]);
    const load = startLoad();
    undo.push(() => load.stop());
    await load.readers({ port: scenario.port, path: PATH, readers: SLOW_READER.readers, connections: 4, messages: 1 });
    if (stalls === "one stalls") undo.push(await openStalled(scenario.port));
    const reading = load.more(1 + RECORDS);
    await produceAll(client, topic, RECORDS);
    const { elapsedMs } = await reading;
    return { lives: await livesIn(scenario), tookMs: elapsedMs };
  } finally {
    for (const step of undo.reverse()) await step();
  }
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const play =
  (rounds: number) =>
  async (report: Report): Promise<void> => {
    const kafka = await sharedKafka();
    const [without, beside]: [Round[], Round[]] = [[], []];
    try {
      for (let at = 0; at < rounds; at++) {
        without.push(await round(kafka, "none stalls"));
        beside.push(await round(kafka, "one stalls"));
      }
    } finally {
      await kafka.stop();
    }
    const lives = (of: readonly Round[]): number => median(of.map(({ lives }) => lives)) / MIB;
    const took = (of: readonly Round[]): number => median(of.map(({ tookMs }) => tookMs));
    report.figure("lives without it, MiB", lives(without));
    report.figure("lives beside it, MiB", lives(beside));
    report.figure("how much longer the others took, times", took(beside) / took(without));
    assert.ok(
      lives(beside) - lives(without) <= SLOW_READER.grownMib,
      `${lives(beside)} MiB live beside it, ${lives(without)} MiB without it`,
    );
    report.pass(
      `while ${SLOW_READER.megabytes} MB flow to ${SLOW_READER.readers} readers, one more that never reads costs at most ${SLOW_READER.grownMib} MiB`,
    );
  };

const rehearsal = process.argv[2];
if (rehearsal === undefined) await longRun("slow-reader", play(SLOW_READER.rounds));
else if (/^[1-9][0-9]*$/.test(rehearsal)) await rehearse(play(Number(rehearsal)));
else throw new Error(`'${rehearsal}' is no number of rounds`);
