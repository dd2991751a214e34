// How much each long run does, and what its result must hold: the runs and the test that compares read it from here, so doing less shows
// as a change of this file.

import { INTEROP_TESTS } from "../kit/interop.ts";
import { FRANZ_GO_PASSES } from "./franz-go-tests.ts";
import { LIBRDKAFKA_PASSES } from "./librdkafka-tests.ts";

export const CALLS = { crowd: 100_000, alone: 5_000, ghz: 20_000, inFlight: 100 } as const;

export const POWER_CUTS = { cuts: 10_000, cutsEach: 5, flips: 10_000, kills: 200 } as const;

export const DIFFERENTIAL = { seeds: 10, steps: 10_000 } as const;

export const OPEN_STREAM = { seconds: 3_600, callsASecond: 20, messageEverySeconds: 60 } as const;

/** Readers are so many of so many messages each, under so much memory for the log; so much may live for them beside what did before. */
export const BACKLOG = { records: 1_000_000, readers: 1_000, each: 2_000, logMib: 128, grownMib: 64 } as const;

/** So much flows to all readers of a round. */
export const SLOW_READER = { readers: 100, megabytes: 1_000, grownMib: 4, rounds: 5 } as const;

export const H2SPEC_CASES = 146;

export const INTEROP_SUBJECTS = ["a proxy of gRPC", "the embedded broker", "Apache Kafka"] as const;
export type InteropSubject = (typeof INTEROP_SUBJECTS)[number];
export const INTEROP_SOAK_ITERATIONS = 250;

/** Of each pair of peers; and how many exchanges these must be at least with ours. */
export const HTTP2_CONNECTIONS = 7_000;
export const HTTP2_EXCHANGES_MIN = 100_000;

/** None fails, and none is known to. */
export const CONFORMANCE_CASES = { server: 566, client: 336 } as const;

/** Target → inputs. */
export const FUZZ_EXECUTIONS: Readonly<Record<string, number>> = {
  HPACK: 3_000_000,
  "Huffman code": 3_000_000,
  frames: 2_500_000,
  "a server's connection": 300_000,
  "record batches": 1_500_000,
  gzip: 100_000,
  snappy: 300_000,
  lz4: 200_000,
  zstd: 100_000,
};

/** Run → the claims that must have held. */
export const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  backlog: [
    `${BACKLOG.readers} readers were each given ${BACKLOG.each} of ${BACKLOG.records} messages, and at most ${BACKLOG.grownMib} MiB lived for them`,
  ],
  calls: [
    "100000 calls through grpc.kafka.echo at 100 in flight: 0 errors, 0 crossed, 0 late",
    "5000 calls through grpc.kafka.echo at 1 in flight: 0 errors, 0 crossed, 0 late",
    "100000 calls through grpc.kafka.proxy at 100 in flight: 0 errors, 0 crossed, 0 late",
    "5000 calls through grpc.kafka.proxy at 1 in flight: 0 errors, 0 crossed, 0 late",
    "20000 calls of ghz through grpc.kafka.proxy at 100 in flight: all OK",
  ],
  "franz-go": FRANZ_GO_PASSES,
  librdkafka: LIBRDKAFKA_PASSES,
  "power-cuts": [
    "10000 power cuts: 0 acknowledged batches lost, 0 torn ones served",
    "10000 flipped bits: 0 undetected, 0 unreported",
    "200 times kill -9 under load: 0 acknowledged records lost",
  ],
  "open-stream": [
    `two streams open for ${OPEN_STREAM.seconds} s, each message came back; ${OPEN_STREAM.seconds * OPEN_STREAM.callsASecond} calls behind them: all OK`,
    "after kill -9 of their process both streams ended OK or ABORTED",
    `none of the ${OPEN_STREAM.seconds * OPEN_STREAM.callsASecond} finished calls was run again`,
  ],
  "slow-reader": [
    `while ${SLOW_READER.megabytes} MB flow to ${SLOW_READER.readers} readers, one more that never reads costs at most ${SLOW_READER.grownMib} MiB`,
  ],
  conformance: [
    `server: ${CONFORMANCE_CASES.server} of ${CONFORMANCE_CASES.server} cases pass`,
    `client: ${CONFORMANCE_CASES.client} of ${CONFORMANCE_CASES.client} cases pass`,
  ],
  fuzz: Object.entries(FUZZ_EXECUTIONS).map(([name, count]) => `${name}: ${count} damaged inputs, 0 crashes, 0 hangs`),
  h2spec: [`${H2SPEC_CASES} of ${H2SPEC_CASES} cases of h2spec pass, strict`],
  "http2-differential": [
    "frames against the server sluice",
    "frames against the server node",
    "frames against the server h2",
    "the client h2 against the server sluice",
    "the client h2 against the server node",
    "the client sluice against frames",
    "the client node against frames",
  ].map((round) => `${round}: ${HTTP2_CONNECTIONS} connections tell no difference`),
  interop: INTEROP_SUBJECTS.flatMap((subject) =>
    ["in clear", "over TLS"].map((how) => `${INTEROP_TESTS.length} of ${INTEROP_TESTS.length} tests through ${subject}, ${how}`),
  ),
  differential: Array.from({ length: DIFFERENTIAL.seeds }, (_, at) => `seed ${at + 1}: ${DIFFERENTIAL.steps} steps tell no difference`),
};
