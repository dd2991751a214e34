// The broker beside Apache Kafka, in turns on the same machine, asked by the same bare client: acknowledged small produces, batches of
// 64 KB, reading all of it back, memory, and the time from the command to the first answer.
import { setTimeout as pause } from "node:timers/promises";
import { median } from "../measure.ts";
import { cpuMicros } from "../subjects.ts";
import { fetchAll, produceBatches, produceSmall, type Work } from "./load.ts";
import { type BrokerProcess, makeTopic, residentMb, startApache, startOurs } from "./subjects.ts";

const ROUNDS = 5;
const PRODUCERS = [1, 10, 100];
const SMALL_FOR_MS = 2_000;
const WARM_UP_MS = 4_000;
/** In each round: five of them make the gigabyte that the memory is measured with. */
const BATCHES_BYTES = 215_000_000;
const SETTLE_MS = 2_000;

interface Subject {
  readonly name: string;
  readonly process: BrokerProcess;
  readonly settings: Readonly<Record<string, string>>;
}

/** One measurement of one subject: values of all rounds, sorted. */
export interface BrokerFigure {
  readonly subject: string;
  readonly what: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** Of the broker, per produced or fetched record (a small produce has one); absent where it says nothing. */
  readonly cpuMicros?: readonly number[];
}

type Report = (figure: BrokerFigure) => void;
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

interface Load {
  readonly what: string;
  readonly unit: string;
  readonly work: (subject: Subject) => Promise<Work>;
  readonly rate: (work: Work) => number;
}

/** Rounds of all subjects in turns, so that what disturbs the machine disturbs all of them. */
const measure = async (subjects: readonly Subject[], { what, unit, work, rate }: Load, report: Report): Promise<void> => {
  const seen = subjects.map(() => ({ values: [] as number[], micros: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, subject] of subjects.entries()) {
      const before = cpuMicros(subject.process.pid());
      const done = await work(subject);
      seen[at]?.micros.push((cpuMicros(subject.process.pid()) - before) / done.records);
      seen[at]?.values.push(rate(done));
    }
  }
  for (const [at, { name }] of subjects.entries())
    report({ subject: name, what, unit, values: sorted(seen[at]?.values ?? []), cpuMicros: sorted(seen[at]?.micros ?? []) });
};

const small = (producers: number, forMs = SMALL_FOR_MS): Load => ({
  what: `small produces, ${producers} in flight`,
  unit: "a second",
  work: ({ name, process: { bootstrap } }) => produceSmall(bootstrap, topicOf(name, "small"), { producers, forMs }),
  rate: ({ requests, elapsedMs }) => requests / (elapsedMs / 1_000),
});

const megabytes = ({ bytes, elapsedMs }: Work): number => bytes / 1e6 / (elapsedMs / 1_000);
const topicOf = (subject: string, load: string): string => `${load}-${subject.replaceAll(/[^a-z]/giu, "-")}`;

const batches: Load = {
  what: "produce, batches of 64 KB",
  unit: "MB/s",
  work: ({ name, process: { bootstrap } }) => produceBatches(bootstrap, topicOf(name, "large"), BATCHES_BYTES),
  rate: megabytes,
};

/** `counts`: how many records each subject's topic has. */
const fetches = (counts: ReadonlyMap<string, number>): Load => ({
  what: "fetch all of it",
  unit: "MB/s",
  work: ({ name, process: { bootstrap } }) => fetchAll(bootstrap, topicOf(name, "large"), counts.get(name) ?? 0),
  rate: megabytes,
});

/** Kafka restarts slowly after a kill: its controller first waits until the old one's session is over. */
const restart = async (brokers: readonly BrokerProcess[], report: Report): Promise<void> => {
  for (const broker of brokers) {
    const values = [await broker.restart()];
    report({ subject: broker.name, what: "command to first answer, killed under its log", unit: "ms", values });
    await pause(SETTLE_MS);
    report({ subject: broker.name, what: "resident memory, idle with that log", unit: "MB", values: [residentMb(broker.pid())] });
  }
};

const runLoads = async (subjects: readonly Subject[], report: Report): Promise<void> => {
  const produced = new Map<string, number>();
  for (const { name, process: broker, settings } of subjects)
    for (const load of ["small", "large"]) await makeTopic(broker.bootstrap, topicOf(name, load), settings);
  for (const subject of subjects) await small(10, WARM_UP_MS).work(subject);
  for (const producers of PRODUCERS) await measure(subjects, small(producers), report);
  const counted: Load = {
    ...batches,
    work: async (subject) => {
      const work = await batches.work(subject);
      produced.set(subject.name, (produced.get(subject.name) ?? 0) + work.records);
      return work;
    },
  };
  await measure(subjects, counted, report);
  await measure(subjects, fetches(produced), report);
};

/** Measures both brokers, and reports a figure as soon as it is there. */
export const benchBrokers = async (report: Report): Promise<void> => {
  const ours = await startOurs("sluice broker", "always");
  const later = await startOurs("sluice broker, --fsync interval=1000", "interval=1000");
  try {
    const apache = await startApache();
    try {
      const brokers = [ours, apache];
      await pause(SETTLE_MS);
      for (const { name, readyMs, pid } of brokers) {
        report({ subject: name, what: "command to first answer, no data", unit: "ms", values: [readyMs] });
        report({ subject: name, what: "resident memory, idle without data", unit: "MB", values: [residentMb(pid())] });
      }
      const subjects: Subject[] = [
        { name: ours.name, process: ours, settings: {} },
        { name: later.name, process: later, settings: {} },
        { name: apache.name, process: apache, settings: {} },
        { name: "Apache Kafka, flush.messages=1", process: apache, settings: { "flush.messages": "1" } },
      ];
      await runLoads(subjects, report);
      for (const broker of brokers) {
        const values = [residentMb(broker.pid())];
        report({ subject: broker.name, what: "resident memory, right after the load", unit: "MB", values });
      }
      await restart(brokers, report);
    } finally {
      await apache.stop();
    }
  } finally {
    await ours.stop();
    await later.stop();
  }
};

/** A line of the table. */
export const brokerRow = ({ subject, what, unit, values, cpuMicros: micros }: BrokerFigure): string => {
  const spread = values.length > 1 ? `${values[0]?.toFixed(0)}–${values.at(-1)?.toFixed(0)}` : "";
  const cpu = micros ? `${median(micros).toFixed(2)} µs/record` : "";
  return [
    what.padEnd(50),
    subject.padEnd(37),
    `${median(values).toFixed(0)} ${unit}`.padStart(16),
    spread.padStart(14),
    cpu.padStart(20),
  ].join("  ");
};
