// The metrics of the running process for `sluice metrics`: a socket in the engine directory that writes them as JSON to whoever connects.
import { rmSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { Counter, type Counters } from "../core/counters.ts";

export interface MetricRow {
  /** Of one of several worker processes; absent: of all of them together. */
  readonly worker?: number;
  readonly namespace: string;
  readonly binding: string;
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** A number, or what is known of a histogram in raw units. */
  readonly value: number | { readonly min: number; readonly max: number; readonly count: number; readonly average: number };
}

const CONNECTIONS_MAX = 8;
const READ_TIMEOUT_MS = 5_000;
/** More than any process has. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** What counters say, a row a series. */
export const metricRows = (counters: Counters): readonly MetricRow[] =>
  [...counters.all()].map(({ key, of }) => {
    const { metric, namespace, binding, labels } = key;
    const at = { namespace, binding, metric, ...(labels === undefined ? {} : { labels }) };
    if (of instanceof Counter) return { ...at, value: of.value };
    const first = of.buckets.findIndex((count) => count > 0);
    const last = of.buckets.findLastIndex((count) => count > 0);
    const limit = (bucket: number): number => (bucket < 0 ? 0 : 2 ** (bucket + 1) * of.perBucketUnit - 1);
    const average = of.count === 0 ? 0 : Math.round(of.sum / of.count);
    return { ...at, value: { min: limit(first), max: limit(last), count: of.count, average } };
  });

/** What is answered to whoever asks: read anew each time. */
export type RowsSource = () => readonly MetricRow[] | Promise<readonly MetricRow[]>;

/** Whoever hangs up before the answer needs none; an answer that cannot be given ends as a connection that was lost. */
const answer = async (socket: Socket, rows: RowsSource): Promise<void> => {
  socket.on("error", () => socket.destroy());
  try {
    socket.end(JSON.stringify(await rows()));
  } catch {
    socket.destroy();
  }
};

/** Rejects when the socket cannot be made. */
export const serveMetrics = (rows: RowsSource, path: string): Promise<{ close(): Promise<void> }> =>
  new Promise((resolve, reject) => {
    rmSync(path, { force: true });
    const server = createServer((socket) => void answer(socket, rows));
    server.maxConnections = CONNECTIONS_MAX;
    server.once("error", reject);
    server.listen(path, () => {
      server.removeListener("error", reject);
      server.on("error", () => {}); // Concerns one connection.
      resolve({ close: () => new Promise((done) => server.close(() => done())) });
    });
  });

/** What the process behind the socket counts; rejects when nobody is there. */
export const readMetrics = (path: string): Promise<readonly MetricRow[]> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let answer = "";
    socket.setTimeout(READ_TIMEOUT_MS, () => socket.destroy(new Error("no answer in time")));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      answer += chunk;
      if (answer.length > ANSWER_BYTES_MAX) socket.destroy(new Error("the answer is too large"));
    });
    socket.on("error", reject);
    socket.on("end", () => {
      try {
        resolve(JSON.parse(answer) as readonly MetricRow[]); // What serveMetrics wrote.
      } catch (reason) {
        reject(reason);
      }
    });
  });
