// Our client on a broker of the tests, with what it says kept for reading.
import { systemClock } from "../../src/core/clock.ts";
import { type ClientOptions, KafkaClient } from "../../src/kafka/client/client.ts";
import { Report } from "../../src/kafka/client/report.ts";
import { type TestRuntime, testRuntime } from "./runtime.ts";

export interface TestClient {
  readonly client: KafkaClient;
  /** Its log, events and counters. */
  readonly runtime: TestRuntime;
}

/** `bootstrap` is `host:port`. Not started. */
export const clientOf = (bootstrap: string, options: Partial<ClientOptions> = {}): TestClient => {
  const runtime = testRuntime();
  const [host = "", port = ""] = bootstrap.split(":");
  const client = new KafkaClient({
    bootstrap: [{ host, port: Number(port) }],
    dial: { allows: () => true },
    clientId: "sluice-test",
    clock: systemClock,
    report: new Report({ ...runtime, namespace: "test", binding: "kafka0" }),
    ...options,
  });
  return { client, runtime };
};
