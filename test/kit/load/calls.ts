// Many unary calls over plain node:http2, a fixed number at a time, each reply compared with its own request byte by byte. A gRPC library
// would cost more than what is measured.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from "node:http2";
import { nonceFrame } from "./nonce.ts";
import type { CallsOptions, CallsResult } from "./options.ts";

const CALL_TIMEOUT_MS = 30_000;
const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_TE, HTTP2_HEADER_CONTENT_TYPE, NGHTTP2_CANCEL } = constants;

/** How one call went: `undefined` is well. */
type Fault = "crossed" | string | undefined;

/** Connections that are up. */
export const openSessions = (port: number, count: number): Promise<ClientHttp2Session[]> =>
  Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ClientHttp2Session>((resolve, reject) => {
          const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 1 << 20 } });
          session.once("error", reject).once("remoteSettings", () => resolve(session));
        }),
    ),
  );

/** Sends `frame` and settles with what was wrong with the answer. */
const callOnce = (session: ClientHttp2Session, path: string, frame: Buffer): Promise<Fault> =>
  new Promise((settle) => {
    const stream: ClientHttp2Stream = session.request({
      [HTTP2_HEADER_METHOD]: "POST",
      [HTTP2_HEADER_PATH]: path,
      [HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [HTTP2_HEADER_TE]: "trailers",
    });
    const chunks: Buffer[] = [];
    let status: string | undefined;
    const note = (headers: IncomingHttpHeaders): void => {
      const found = headers["grpc-status"];
      if (found !== undefined) status = String(found);
    };
    const timer = setTimeout(() => stream.close(NGHTTP2_CANCEL), CALL_TIMEOUT_MS);
    stream.on("response", note).on("trailers", note);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", () => {}); // `close` follows, and says all there is to say.
    stream.on("close", () => {
      clearTimeout(timer);
      if (status !== "0") settle(`status ${status ?? "none"}`);
      else settle(Buffer.concat(chunks).equals(frame) ? undefined : "crossed");
    });
    stream.end(frame);
  });

interface Tally {
  readonly latencies: Float64Array;
  readonly errors: Record<string, number>;
  crossed: number;
  late: number;
  sent: number;
  done: number;
}

const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const oneAfterTheOther = async (sessions: readonly ClientHttp2Session[], options: CallsOptions, tally: Tally): Promise<void> => {
  while (tally.sent < options.calls) {
    const number = tally.sent++;
    const session = sessions[number % sessions.length]!; // There is at least one.
    const began = performance.now();
    const fault = await callOnce(session, options.path, nonceFrame(`${process.pid}-${options.label}-${number}-${Math.random()}`));
    const tookMs = performance.now() - began;
    tally.latencies[tally.done++] = tookMs;
    if (tookMs > options.lateMs) tally.late += 1;
    if (fault === "crossed") tally.crossed += 1;
    else if (fault !== undefined) tally.errors[fault] = (tally.errors[fault] ?? 0) + 1;
  }
};

/** Makes all calls; resolves when the last has its answer. */
export const makeCalls = async (sessions: readonly ClientHttp2Session[], options: CallsOptions): Promise<CallsResult> => {
  const tally: Tally = { latencies: new Float64Array(options.calls), errors: {}, crossed: 0, late: 0, sent: 0, done: 0 };
  const began = performance.now();
  await Promise.all(Array.from({ length: options.inFlight }, () => oneAfterTheOther(sessions, options, tally)));
  const elapsedMs = performance.now() - began;
  const sorted = tally.latencies.subarray(0, tally.done).sort();
  const failed = Object.values(tally.errors).reduce((sum, count) => sum + count, 0);
  return {
    calls: tally.done,
    failed,
    errors: tally.errors,
    crossed: tally.crossed,
    late: tally.late,
    elapsedMs,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? 0,
  };
};

export const withSessions = async <T>(
  port: number,
  count: number,
  use: (sessions: readonly ClientHttp2Session[]) => Promise<T>,
): Promise<T> => {
  const sessions = await openSessions(port, count);
  try {
    return await use(sessions);
  } finally {
    for (const session of sessions) session.destroy();
  }
};
