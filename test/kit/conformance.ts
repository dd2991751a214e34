// The conformance suite of connectrpc, gRPC's part of it: built once into the cache, run against our gRPC server (the program as a proxy in
// front of the suite's own server) or our gRPC client.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./processes.ts";
import { buildTools } from "./tools.ts";

export type ConformanceMode = "server" | "client";

/** What is asked for: our client sends no compressed requests. */
const featuresOf = (mode: ConformanceMode): string => `features:
  versions: [HTTP_VERSION_2]
  protocols: [PROTOCOL_GRPC]
  codecs: [CODEC_PROTO]
  compressions: [${mode === "server" ? "COMPRESSION_IDENTITY, COMPRESSION_GZIP" : "COMPRESSION_IDENTITY"}]
  supports_h2c: true
  supports_tls: true
  supports_tls_client_certs: true
  supports_message_receive_limit: true
`;

const PROGRAM: Readonly<Record<ConformanceMode, string>> = {
  server: fileURLToPath(new URL("../peers/conformance-server.ts", import.meta.url)),
  client: fileURLToPath(new URL("../peers/conformance-client.ts", import.meta.url)),
};
const TIMEOUT_MS = 600_000;

export interface ConformanceOutcome {
  readonly passed: number;
  readonly failed: number;
  /** What it printed: the cases that failed, and why. */
  readonly said: string;
}

/** All cases, or those whose names have one of the patterns. */
export const runConformance = async (mode: ConformanceMode, patterns: readonly string[] = []): Promise<ConformanceOutcome> => {
  const program = join(await buildTools("conformance"), "connectconformance");
  const directory = mkdtempSync(join(tmpdir(), "sluice-conformance-"));
  const features = join(directory, "features.yaml");
  writeFileSync(features, featuresOf(mode));
  const only = patterns.flatMap((pattern) => ["--run", pattern]);
  const one = ["--max-servers", "1", ...(mode === "server" ? ["-p", "4"] : [])];
  const args = ["--conf", features, "--mode", mode, ...one, ...only, "--", process.execPath, PROGRAM[mode]];
  try {
    const { stdout, stderr } = await run(program, { args, timeoutMs: TIMEOUT_MS });
    const said = `${stdout.toString()}${stderr}`;
    const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(said) ?? [];
    if (passed === undefined || /could not be run/.test(said)) throw new Error(`the conformance suite did not come to its end\n${said}`);
    return { passed: Number(passed), failed: Number(failed), said };
  } finally {
    rmSync(directory, { recursive: true });
  }
};
