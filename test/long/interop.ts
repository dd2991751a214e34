// `npm run long:interop`: gRPC's interoperability tests as in test/oracle, with soak tests of hundreds of large calls, through a proxy of
// gRPC, the embedded broker and Apache Kafka, in clear and over TLS.
import assert from "node:assert/strict";
import { INTEROP_TESTS, interopFault, startInteropServer } from "../kit/interop.ts";
import { type InteropProxy, startInteropProxy, startThroughBroker, startThroughKafka } from "../kit/interop-proxy.ts";
import { INTEROP_SUBJECTS, type InteropSubject, INTEROP_SOAK_ITERATIONS as soakIterations } from "./expected.ts";
import { longRun } from "./record.ts";

const START: Readonly<Record<InteropSubject, (backendPort: number) => Promise<InteropProxy>>> = {
  "a proxy of gRPC": (port) => startInteropProxy(port),
  "the embedded broker": startThroughBroker,
  "Apache Kafka": startThroughKafka,
};

await longRun("interop", async (report) => {
  const server = await startInteropServer();
  for (const subject of INTEROP_SUBJECTS) {
    const { port, tlsPort, certificate, stop } = await START[subject](server.port);
    for (const [how, target] of [
      ["in clear", { port, soakIterations }],
      ["over TLS", { port: tlsPort, certificate, soakIterations }],
    ] as const) {
      for (const name of INTEROP_TESTS) assert.equal(await interopFault(name, target), undefined);
      report.pass(`${INTEROP_TESTS.length} of ${INTEROP_TESTS.length} tests through ${subject}, ${how}`);
    }
    await stop();
  }
  await server.stop();
  report.figure("tests", INTEROP_TESTS.length * 2 * INTEROP_SUBJECTS.length);
  report.figure("large calls in each soak test", soakIterations);
});
