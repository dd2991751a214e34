// Under load nothing fails, nothing is mixed up, nothing is late; by a client that checks every reply, and by ghz.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { echo } from "../../examples/echo-server.ts";
import { routeGuide } from "../../examples/route-guide/server.ts";
import { listen, type Served } from "../../examples/serve.ts";
import { dispatch } from "../../examples/taxi/dispatch-service.ts";
import { type GhzOptions, ghz } from "../kit/ghz.ts";
import { needs } from "../kit/needs.ts";
import { startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { nonceCalls } from "./nonces.ts";

describe("replies belong to their calls", needs("kafka"), () => {
  let kafka: SharedKafka;
  before(async () => {
    kafka = await sharedKafka();
  });
  after(() => kafka.stop());

  for (const example of ["grpc.kafka.echo", "grpc.kafka.proxy"] as const) {
    for (const [calls, inFlight] of [
      [200, 1],
      [5_000, 100],
    ] as const) {
      test(`${calls} calls through ${example}, ${inFlight} in flight`, async () => {
        const { failed, errors, crossed, late, calls: made } = await nonceCalls({ kafka, example, calls, inFlight });
        assert.deepEqual({ made, failed, errors, crossed, late }, { made: calls, failed: 0, errors: {}, crossed: 0, late: 0 });
      });
    }
  }
});

interface GhzRun {
  readonly example: string;
  readonly proto: string;
  /** In the order in which they are made. */
  readonly runs: readonly Pick<GhzOptions, "call" | "data">[];
  readonly topics?: Readonly<Record<string, number>>;
  readonly served?: Served;
}

const HELLO = '{"message":"Hello World"}';
const BOTH = `[${HELLO},${HELLO}]`;
const ECHO_SERVICE = "grpc.examples.echo.Echo";
const KINDS = [
  { call: `${ECHO_SERVICE}.UnaryEcho`, data: HELLO },
  { call: `${ECHO_SERVICE}.ServerStreamingEcho`, data: HELLO },
  { call: `${ECHO_SERVICE}.ClientStreamingEcho`, data: BOTH },
  { call: `${ECHO_SERVICE}.BidirectionalStreamingEcho`, data: BOTH },
];
const POINT = '{"latitude":466330000,"longitude":86800000}';

const GHZ_RUNS: readonly GhzRun[] = [
  {
    example: "grpc.echo",
    proto: "protos/echo.proto",
    runs: [
      { call: "example.EchoService.EchoUnary", data: HELLO },
      { call: "example.EchoService.EchoBidiStream", data: BOTH },
    ],
  },
  { example: "grpc.proxy", proto: "protos/echo.proto", runs: KINDS, served: echo },
  { example: "grpc.kafka.echo", proto: "protos/echo.proto", runs: [KINDS[0]!, KINDS[3]!], topics: { "echo-messages": 1 } },
  {
    example: "grpc.kafka.proxy",
    proto: "protos/echo.proto",
    runs: KINDS,
    topics: { "echo-requests": 1, "echo-responses": 1 },
    served: echo,
  },
  {
    example: "taxi",
    proto: "proto/taxi_route.proto",
    runs: [{ call: "taxiroute.TaxiRoute.CreateTaxi", data: '{"key":"a","coordinates":[[1,2],[3,4]]}' }],
    topics: { "dispatch-requests": 1, "dispatch-replies": 1 },
    served: dispatch,
  },
  {
    example: "route-guide",
    proto: "protos/route_guide.proto",
    runs: [
      { call: "routeguide.RouteGuide.GetFeature", data: POINT },
      { call: "routeguide.RouteGuide.ListFeatures", data: `{"lo":${POINT},"hi":${POINT}}` },
      { call: "routeguide.RouteGuide.RecordRoute", data: `[${POINT},${POINT}]` },
    ],
    topics: { "grpc-request": 1, "grpc-response": 1 },
    served: routeGuide,
  },
];

const GHZ_CALLS = 500;

const serveGhz = async ({ example, proto, runs, topics, served }: GhzRun, kafka: SharedKafka | undefined): Promise<void> => {
  const server = served ? await listen(served, 0) : undefined;
  const scenario = await startScenario({
    example,
    ...(topics && kafka ? { kafka, topics } : {}),
    ...(server ? { backendPort: server.port } : {}),
  });
  try {
    for (const run of runs) {
      const report = await ghz({
        ...run,
        port: scenario.port,
        proto: join(dirname(scenario.config), proto),
        calls: GHZ_CALLS,
        inFlight: 8,
      });
      assert.deepEqual([run.call, report.count, report.statuses], [run.call, GHZ_CALLS, { OK: GHZ_CALLS }]);
    }
  } finally {
    await scenario.stop();
    server?.server.forceShutdown();
  }
};

describe("ghz is served, without Kafka", needs("go", "openssl"), () => {
  for (const run of GHZ_RUNS.filter(({ topics }) => !topics)) test(`by ${run.example}`, () => serveGhz(run, undefined));
});

describe("ghz is served, through Kafka", needs("kafka", "go"), () => {
  let kafka: SharedKafka;
  before(async () => {
    kafka = await sharedKafka();
  });
  after(() => kafka.stop());
  for (const run of GHZ_RUNS.filter(({ topics }) => topics)) test(`by ${run.example}`, () => serveGhz(run, kafka));
});
