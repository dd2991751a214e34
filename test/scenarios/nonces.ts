// Calls whose replies are checked against their own requests, through an example: how many failed, came crossed, or came late.
import { ECHO, startBackend } from "../kit/backend.ts";
import { startLoad } from "../kit/load/load.ts";
import type { CallsResult } from "../kit/load/options.ts";
import { startScenario } from "../kit/scenario.ts";
import type { SharedKafka } from "../kit/shared-kafka.ts";

export interface NonceOptions {
  readonly kafka: SharedKafka;
  readonly example: "grpc.kafka.echo" | "grpc.kafka.proxy";
  readonly calls: number;
  readonly inFlight: number;
}

/**
 * A wake-up that is lost shows when nothing else happens: a lone call then waits for the fetch to return by itself, after half a
 * second. In a crowd the next record hides it, and only a call that nobody follows would be late.
 */
const LATE_ALONE_MS = 450;
const LATE_IN_A_CROWD_MS = 5_000;
const WARM_UP_CALLS = 50;
const TOPICS = {
  "grpc.kafka.echo": { "echo-messages": 3 },
  "grpc.kafka.proxy": { "echo-requests": 3, "echo-responses": 3 },
};

/** Makes the calls; ends everything it started. */
export const nonceCalls = async ({ kafka, example, calls, inFlight }: NonceOptions): Promise<CallsResult> => {
  const backend = await startBackend();
  const scenario = await startScenario({ example, kafka, topics: TOPICS[example], backendPort: backend.port });
  const load = startLoad();
  try {
    const lateMs = inFlight === 1 ? LATE_ALONE_MS : LATE_IN_A_CROWD_MS;
    const options = { port: scenario.port, path: ECHO.unary, inFlight, connections: Math.min(inFlight, 4), label: example, lateMs };
    await load.calls({ ...options, calls: WARM_UP_CALLS });
    return await load.calls({ ...options, calls });
  } finally {
    await load.stop();
    await scenario.stop();
    backend.stop();
  }
};
