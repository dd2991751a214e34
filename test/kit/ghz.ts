// ghz: load by a Go client, in its own words.
import { runOrFail } from "./processes.ts";
import { tool } from "./tools.ts";

export interface GhzOptions {
  readonly port: number;
  readonly proto: string;
  /** `package.Service.Method`. */
  readonly call: string;
  /** JSON; an array for streams. */
  readonly data: string;
  readonly calls: number;
  readonly inFlight: number;
}

/** What of its report matters here. */
export interface GhzReport {
  readonly count: number;
  /** Status name → how many calls ended with it. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly rps: number;
  readonly slowestMs: number;
}

const NANOSECONDS_PER_MS = 1_000_000;

interface Report {
  readonly count: number;
  readonly rps: number;
  readonly slowest: number;
  readonly statusCodeDistribution?: Readonly<Record<string, number>>;
}

export const ghz = async ({ port, proto, call, data, calls, inFlight }: GhzOptions): Promise<GhzReport> => {
  const what = ["--insecure", "--proto", proto, "--call", call, "-d", data];
  const amount = ["-n", String(calls), "-c", String(inFlight), "--connections", "2", "--timeout", "20s", "-O", "json"];
  const output = await runOrFail(await tool("ghz"), { args: [...what, ...amount, `127.0.0.1:${port}`], timeoutMs: 600_000 });
  const report = JSON.parse(output.toString()) as Report; // ghz's own format.
  return {
    count: report.count,
    statuses: report.statusCodeDistribution ?? {},
    rps: report.rps,
    slowestMs: report.slowest / NANOSECONDS_PER_MS,
  };
};
