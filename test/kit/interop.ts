// The interoperability tests of gRPC, by grpc-go's client and against grpc-go's server: built once into the cache. Each test is a run of
// the client, whose exit status is the verdict.
import { connect } from "node:net";
import { join } from "node:path";
import { freePorts } from "./ports.ts";
import { run, start, stop } from "./processes.ts";
import { buildTools } from "./tools.ts";

/** What grpc-go's own CI runs; each can fail in a proxy in a way of its own. */
export const INTEROP_TESTS = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "orca_per_rpc",
  "orca_oob",
  "rpc_soak",
  "channel_soak",
] as const;
export type InteropTest = (typeof INTEROP_TESTS)[number];

/** Those with ORCA need a balancer of this name in the client. */
const SERVICE_CONFIG = JSON.stringify({ loadBalancingConfig: [{ test_backend_metrics_load_balancer: {} }] });
const TEST_TIMEOUT_MS = 60_000;
const SOAK_TIMEOUT_MS = 600_000;
/** So many large calls one after the other in the soak tests, unless more are asked for. */
const SOAK_ITERATIONS = 20;
/** A machine that does other things too. */
const SOAK_LATENCY_MS_MAX = 5_000;
const READY_TIMEOUT_MS = 20_000;

export interface InteropServer {
  readonly port: number;
  stop(): Promise<void>;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((told) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      told(true);
    });
    socket.once("error", () => told(false));
  });

/** grpc-go's server, once it listens. */
export const startInteropServer = async (): Promise<InteropServer> => {
  const program = join(await buildTools("interop"), "server");
  const [port = 0] = await freePorts(1);
  const child = start(program, ["-port", String(port)], { stdio: "ignore" });
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error("the interop server does not listen");
    await new Promise((next) => setTimeout(next, 20));
  }
  return { port, stop: async () => void (await stop(child)) };
};

export interface InteropTarget {
  readonly port: number;
  /** Over TLS, with a certificate for localhost that this one vouches for. */
  readonly certificate?: string;
  readonly soakIterations?: number;
}

/** What went wrong; undefined when the test passed. */
export const interopFault = async (name: InteropTest, target: InteropTarget): Promise<string | undefined> => {
  const { port, certificate, soakIterations = SOAK_ITERATIONS } = target;
  const timeoutMs = soakIterations > SOAK_ITERATIONS ? SOAK_TIMEOUT_MS : TEST_TIMEOUT_MS;
  const program = join(await buildTools("interop"), "client");
  const args = ["-server_host", "127.0.0.1", "-server_port", String(port), "-test_case", name, "-service_config_json", SERVICE_CONFIG];
  args.push("-soak_iterations", String(soakIterations), "-soak_per_iteration_max_acceptable_latency_ms", String(SOAK_LATENCY_MS_MAX));
  args.push("-soak_overall_timeout_seconds", String(timeoutMs / 1000));
  if (certificate !== undefined) args.push("-use_tls", "-use_test_ca", "-ca_file", certificate, "-server_host_override", "localhost");
  const { code, signal, stdout, stderr } = await run(program, { args, timeoutMs });
  return code === 0 ? undefined : `${name} ended with ${signal ?? code}\n${stderr}${stdout.toString()}`;
};
