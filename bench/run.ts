// `npm run bench`: processor time of our process per call, and per delivered message, beside a peer and the machine's own noise; then our
// broker beside Apache Kafka (`--only broker`).
//
//   npm run bench -- [--json FILE] [--only NAME]
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { startKafka } from "../test/kafka-server/server.ts";
import { missing } from "../test/kit/needs.ts";
import { type SharedKafka, sharedKafka } from "../test/kit/shared-kafka.ts";
import { type BrokerFigure, benchBrokers, brokerRow } from "./brokers/run.ts";
import { type Figure, measureCalls, measureFanout, median, ROUNDS } from "./measure.ts";
import { measureNoise, type Noise } from "./noise.ts";
import { measureRecords } from "./records.ts";
import { NEED_KAFKA, SUBJECTS, startFanout } from "./subjects.ts";

const IN_FLIGHT = [1, 10, 100];
const READERS = [100, 1_000];

const out = (text: string): void => void process.stdout.write(`${text}\n`);

const row = ({ subject, at, cpuMicros, perSecond, p50Ms, p99Ms }: Figure, unit: string, noise: Noise): string => {
  const spread = `${cpuMicros[0]?.toFixed(1)}–${cpuMicros.at(-1)?.toFixed(1)}`;
  const times = p50Ms === undefined ? "" : `${p50Ms.toFixed(1)} / ${p99Ms?.toFixed(1)}`;
  const cells = [
    subject.padEnd(20),
    String(at).padStart(5),
    `${median(cpuMicros).toFixed(2)} µs/${unit}`.padStart(18),
    spread.padStart(14),
    Math.round(perSecond).toString().padStart(9),
  ];
  return [...cells, times.padStart(14), `×${noise.spread.toFixed(2)}`.padStart(7)].join("  ");
};

interface Result {
  readonly figure: Figure;
  readonly unit: string;
  readonly noise: Noise;
}

const callFigures = async (name: string, kafka: SharedKafka | undefined, report: (result: Result) => void): Promise<void> => {
  const subject = await SUBJECTS[name]?.(kafka);
  if (!subject) throw new Error(`nothing is called ${name}`);
  try {
    for (const inFlight of IN_FLIGHT) {
      const noise = measureNoise();
      report({ figure: await measureCalls(subject, inFlight), unit: "call", noise });
    }
  } finally {
    await subject.stop();
  }
};

const fanoutFigures = async (kafka: SharedKafka, report: (result: Result) => void): Promise<void> => {
  for (const readers of READERS) {
    const subject = await startFanout(kafka);
    try {
      const noise = measureNoise();
      report({ figure: await measureFanout(subject, kafka.bootstrap, readers), unit: "message", noise });
    } finally {
      await subject.stop();
    }
  }
};

/** The broker's compiler is allowed to do its best here. */
const benchKafka = async (): Promise<{ readonly kafka?: SharedKafka; stop(): Promise<void> }> => {
  const reason = missing("kafka") ?? missing("kcat");
  if (reason !== undefined) {
    out(`left out: what needs Kafka (${reason})`);
    return { stop: async () => {} };
  }
  const server = process.env["SLUICE_KAFKA"] ? undefined : await startKafka({ optimised: true });
  if (server) process.env["SLUICE_KAFKA"] = server.bootstrap;
  const kafka = await sharedKafka();
  return { kafka, stop: () => kafka.stop().finally(() => server?.stop()) };
};

const brokerFigures = async (): Promise<BrokerFigure[]> => {
  const reason = missing("kafka");
  if (reason !== undefined) {
    out(`left out: our broker beside Apache Kafka (${reason})`);
    return [];
  }
  const figures: BrokerFigure[] = [];
  out("\nour broker beside Apache Kafka; medians, with the least and the most");
  await benchBrokers((figure) => {
    figures.push(figure);
    out(brokerRow(figure));
  });
  return figures;
};

const subjectFigures = async (only: string | undefined): Promise<Result[]> => {
  const { kafka, stop } = await benchKafka();
  const results: Result[] = [];
  out(`median of ${ROUNDS} rounds of our process's processor time; noise is the longest over the shortest of the same work just before`);
  out(
    `${"".padEnd(20)}  ${"at".padStart(5)}  ${"processor".padStart(18)}  ${"least–most".padStart(14)}  ${"a second".padStart(9)}  ${"p50 / p99 ms".padStart(14)}  ${"noise".padStart(7)}`,
  );
  const report = (result: Result): void => {
    results.push(result);
    out(row(result.figure, result.unit, result.noise));
  };
  try {
    const wanted = (name: string): boolean => only === undefined || only === name;
    for (const name of Object.keys(SUBJECTS)) if (wanted(name) && (kafka || !NEED_KAFKA.has(name))) await callFigures(name, kafka, report);
    if (kafka && wanted("grpc.kafka.fanout")) await fanoutFigures(kafka, report);
    if (kafka && wanted("records")) await measureRecords(kafka, (figure) => report({ figure, unit: "record", noise: measureNoise() }));
  } finally {
    await stop();
  }
  return results;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { json: { type: "string" }, only: { type: "string" } } });
  const results = values.only === "broker" ? [] : await subjectFigures(values.only);
  const brokers = values.only === undefined || values.only === "broker" ? await brokerFigures() : [];
  const machine = { processors: cpus().length, model: cpus()[0]?.model, node: process.version };
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ date: new Date().toISOString(), machine, results, brokers }, undefined, 2)}\n`);
};

await main();
