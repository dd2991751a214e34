// Processor time of one process per call and per delivered message, several rounds of each, the median counting.
import { writeValues } from "../test/kit/kcat.ts";
import { startLoad } from "../test/kit/load/load.ts";
import { cpuMicros, type Subject } from "./subjects.ts";

export const ROUNDS = 5;
const MESSAGE_BYTES = 100;
/** Of a round, to all readers. */
const FANOUT_MESSAGES = 500_000;

export interface Figure {
  readonly subject: string;
  /** Calls in flight, or readers. */
  readonly at: number;
  /** Per call or delivered message, of each round, sorted. */
  readonly cpuMicros: readonly number[];
  readonly perSecond: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
const byValue = (a: number, b: number): number => a - b;

/** Enough calls that the first ones, slow until the code is compiled, do not count. */
const WARM_UP_CALLS = 3_000;
const callsAt = (inFlight: number): number => (inFlight === 1 ? 1_500 : inFlight === 10 ? 5_000 : 15_000);

export const measureCalls = async (subject: Subject, inFlight: number): Promise<Figure> => {
  const load = startLoad();
  const options = {
    port: subject.port,
    path: subject.path,
    inFlight,
    connections: Math.min(inFlight, 4),
    label: "bench",
    lateMs: Number.POSITIVE_INFINITY,
  };
  const [micros, rates, p50s, p99s]: number[][] = [[], [], [], []];
  try {
    await load.calls({ ...options, inFlight: 100, calls: WARM_UP_CALLS });
    for (let round = 0; round < ROUNDS; round++) {
      const before = cpuMicros(subject.pid);
      const result = await load.calls({ ...options, calls: callsAt(inFlight) });
      if (result.failed + result.crossed > 0)
        throw new Error(`${subject.name}: ${JSON.stringify(result.errors)}, ${result.crossed} crossed`);
      micros?.push((cpuMicros(subject.pid) - before) / result.calls);
      rates?.push(result.calls / (result.elapsedMs / 1_000));
      p50s?.push(result.p50Ms);
      p99s?.push(result.p99Ms);
    }
  } finally {
    await load.stop();
  }
  const middle = (values: number[] = []): number => median(values.sort(byValue));
  return {
    subject: subject.name,
    at: inFlight,
    cpuMicros: (micros ?? []).sort(byValue),
    perSecond: middle(rates),
    p50Ms: middle(p50s),
    p99Ms: middle(p99s),
  };
};

/** Rounds of records to `readers` readers who stand at the end of the topic. */
export const measureFanout = async (subject: Subject & { readonly topic: string }, bootstrap: string, readers: number): Promise<Figure> => {
  const to = { bootstrap, topic: subject.topic };
  const records = FANOUT_MESSAGES / readers;
  const values = Array.from({ length: records }, (_, at) => Buffer.from(`record ${at}`.padEnd(MESSAGE_BYTES, ".")));
  const load = startLoad();
  const [micros, rates]: number[][] = [[], []];
  try {
    await writeValues(to, values.slice(0, 1));
    await load.readers({ port: subject.port, path: subject.path, readers, connections: 4, messages: 1 });
    for (let round = 0; round <= ROUNDS; round++) {
      const before = cpuMicros(subject.pid);
      const reading = load.more(1 + (round + 1) * records);
      await writeValues(to, values);
      const { elapsedMs } = await reading;
      if (round === 0) continue; // To warm up.
      micros?.push((cpuMicros(subject.pid) - before) / (readers * records));
      rates?.push((readers * records) / (elapsedMs / 1_000));
    }
  } finally {
    await load.stop();
  }
  return { subject: subject.name, at: readers, cpuMicros: (micros ?? []).sort(byValue), perSecond: median((rates ?? []).sort(byValue)) };
};
