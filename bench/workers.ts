// What a call costs when several processes serve: the processor time of all of them, the supervisor too, beside that of one process, over the
// same topics and in turns, so that the machine's moods meet all alike.
//
// Each process has as many calls in flight, however many there are: what is gathered in one request to Kafka then is as much.
//
//   node bench/workers.ts [--workers N] [--rounds N] [--json FILE]
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { startKafka } from "../test/kafka-server/server.ts";
import { ECHO } from "../test/kit/backend.ts";
import { startLoad } from "../test/kit/load/load.ts";
import { type Scenario, startScenario } from "../test/kit/scenario.ts";
import { sharedKafka } from "../test/kit/shared-kafka.ts";
import { median } from "./measure.ts";
import { measureNoise } from "./noise.ts";
import { cpuMicros, startPeer } from "./subjects.ts";

const IN_FLIGHT = 100;
const CONNECTIONS = 32;
/** Of each process. */
const WARM_UP_CALLS = 10_000;
const CALLS = 10_000;
const TOPICS = { "echo-requests": 8, "echo-responses": 16 } as const;

/** A process and those that it has started. */
const familyOf = (pid: number): readonly number[] => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
};
const cpuOfAll = (pid: number): number => familyOf(pid).reduce((sum, one) => sum + cpuMicros(one), 0);

interface Subject {
  readonly name: string;
  readonly workers: number;
  readonly scenario: Scenario;
  readonly micros: number[];
  readonly perSecond: number[];
}

const { values } = parseArgs({ options: { workers: { type: "string" }, rounds: { type: "string" }, json: { type: "string" } } });
const workers = Number(values.workers ?? 2);
const rounds = Number(values.rounds ?? 7);

const server = process.env["SLUICE_KAFKA"] ? undefined : await startKafka({ optimised: true });
if (server) process.env["SLUICE_KAFKA"] = server.bootstrap;
const kafka = await sharedKafka();
const backend = await startPeer("grpc-js.ts");
const load = startLoad();
const subjects: Subject[] = [];

const subject = async (name: string, count: number, replies: "all" | "own"): Promise<void> => {
  const scenario = await startScenario({
    ...{ example: "grpc.kafka.proxy", kafka, topics: TOPICS, backendPort: backend.port, sluice: { workers: count } },
    replace: { "capability: produce\n": `capability: produce\n          replies: ${replies}\n` },
  });
  subjects.push({ name, workers: count, scenario, micros: [], perSecond: [] });
};

const round = async ({ scenario, micros, perSecond, workers: count }: Subject, callsEach: number): Promise<void> => {
  const calls = callsEach * count;
  const before = cpuOfAll(scenario.sluice.pid);
  const made = await load.calls({
    ...{ port: scenario.port, path: ECHO.unary, calls, inFlight: IN_FLIGHT * count, connections: CONNECTIONS * count, label: "workers" },
    lateMs: Number.POSITIVE_INFINITY,
  });
  if (made.failed + made.crossed > 0) throw new Error(`${JSON.stringify(made.errors)}, ${made.crossed} crossed`);
  micros.push((cpuOfAll(scenario.sluice.pid) - before) / calls);
  perSecond.push(calls / (made.elapsedMs / 1_000));
};

const byValue = (a: number, b: number): number => a - b;
const row = ({ name, micros, perSecond }: Subject, base: number): string => {
  const sorted = micros.toSorted(byValue);
  const cost = `${median(sorted).toFixed(1)} µs a call (${sorted[0]?.toFixed(1)}–${sorted.at(-1)?.toFixed(1)})`;
  return `${name.padEnd(28)}${cost.padEnd(36)}× ${(median(sorted) / base).toFixed(2)}   ${Math.round(median(perSecond.toSorted(byValue)))} calls a second`;
};

try {
  await subject("one process", 1, "all");
  await subject(`${workers} workers, replies: own`, workers, "own");
  await subject(`${workers} workers, replies: all`, workers, "all");
  for (const each of subjects) await round(each, WARM_UP_CALLS);
  for (const each of subjects) {
    each.micros.length = 0;
    each.perSecond.length = 0;
  }
  const noise: number[] = [];
  for (let number = 0; number < rounds; number++) {
    noise.push(measureNoise().spread);
    for (const each of subjects) await round(each, CALLS);
  }
  const base = median(subjects[0]?.micros.toSorted(byValue) ?? []);
  for (const each of subjects) process.stdout.write(`${row(each, base)}\n`);
  process.stdout.write(`noise of the machine meanwhile: × ${median(noise.sort(byValue)).toFixed(2)}\n`);
  const machine = { processors: cpus().length, model: cpus()[0]?.model, node: process.version };
  const results = subjects.map(({ name, micros, perSecond }) => ({ name, micros, perSecond }));
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ date: new Date().toISOString(), machine, noise, results }, undefined, 2)}\n`);
} finally {
  await load.stop();
  await Promise.all(subjects.map(({ scenario }) => scenario.stop()));
  await backend.stop();
  await kafka.stop();
  await server?.stop();
}
