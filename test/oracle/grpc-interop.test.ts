// gRPC's interoperability tests, by grpc-go's client and against grpc-go's server, with the program in between: as a proxy of gRPC, over
// the embedded broker, and over Apache Kafka; in clear and over TLS. All tests of a subject take ten seconds; they run where the long run
// has built client and server, which takes minutes from an empty cache.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { INTEROP_TESTS, type InteropServer, interopFault, startInteropServer } from "../kit/interop.ts";
import { type InteropProxy, startInteropProxy, startThroughBroker, startThroughKafka } from "../kit/interop-proxy.ts";
import { type Need, needs } from "../kit/needs.ts";
import { needsBuilt } from "../kit/tools.ts";

interface Subject {
  readonly name: string;
  readonly needs: readonly Need[];
  start(backendPort: number): Promise<InteropProxy>;
}

const SUBJECTS: readonly Subject[] = [
  { name: "a proxy of gRPC", needs: ["go", "openssl"], start: (port) => startInteropProxy(port) },
  { name: "the embedded broker", needs: ["go", "openssl"], start: startThroughBroker },
  { name: "Apache Kafka", needs: ["go", "openssl", "kafka"], start: startThroughKafka },
];
const SUITE_MS = 300_000;

for (const subject of SUBJECTS) {
  describe(`gRPC's interoperability tests through ${subject.name}`, {
    ...needs(...subject.needs),
    ...needsBuilt("interop"),
    timeout: SUITE_MS,
  }, () => {
    let server: InteropServer;
    let proxy: InteropProxy;
    before(async () => {
      server = await startInteropServer();
      proxy = await subject.start(server.port);
    });
    after(async () => {
      await proxy?.stop();
      await server?.stop();
    });

    for (const name of INTEROP_TESTS) {
      test(`${name}, in clear`, async () => assert.equal(await interopFault(name, { port: proxy.port }), undefined));
      test(`${name}, over TLS`, async () => {
        assert.equal(await interopFault(name, { port: proxy.tlsPort, certificate: proxy.certificate }), undefined);
      });
    }
  });
}
