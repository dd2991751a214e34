// All examples, and what each needs to run.
import { deepEqual } from "node:assert/strict";
import { type KcatRecord, readTopic } from "../test/kit/kcat.ts";
import { runOrFail } from "../test/kit/processes.ts";
import { echo } from "./echo-server.ts";
import type { Example, Followed } from "./example.ts";
import { routeGuide } from "./route-guide/server.ts";
import { dispatch } from "./taxi/dispatch-service.ts";

const folder = (name: string): URL => new URL(`${name}/`, import.meta.url);

/** Field 1, eleven letters. */
const HELLO_WORLD = Buffer.from("0a0b48656c6c6f20576f726c64", "hex");

/** What the READMEs' kcat cannot show: the bytes of the values, a null apart from an empty one. */
const verifyValues = async ({ bootstrap }: Followed, topic: string, values: readonly (Buffer | undefined)[]): Promise<void> => {
  const records: readonly KcatRecord[] = await readTopic({ bootstrap, topic, count: values.length });
  deepEqual(
    records.slice(0, values.length).map(({ value }) => value),
    values,
    `the first values of ${topic}`,
  );
};

export const EXAMPLES: readonly Example[] = [
  { folder: folder("grpc.echo"), ports: [7151] },
  {
    folder: folder("grpc.kafka.echo"),
    ports: [7151],
    topics: ["echo-messages"],
    verify: (followed) => verifyValues(followed, "echo-messages", [HELLO_WORLD, undefined]),
  },
  { folder: folder("grpc.kafka.fanout"), ports: [7151], topics: ["messages"] },
  {
    folder: folder("grpc.kafka.proxy"),
    ports: [7151],
    topics: ["echo-requests", "echo-responses"],
    server: { served: echo, variable: "ECHO_SERVER" },
    verify: async (followed) => {
      for (const topic of ["echo-requests", "echo-responses"]) await verifyValues(followed, topic, [HELLO_WORLD, undefined]);
    },
  },
  {
    folder: folder("grpc.proxy"),
    ports: [7151, 7153],
    server: { served: echo, variable: "ECHO_SERVER" },
    environment: { KEYSTORE_PASSWORD: "generated" },
    prepare: async (directory) => void (await runOrFail("sh", { args: ["make-certs.sh"], directory })),
  },
  {
    folder: folder("taxi"),
    ports: [7151, 7191],
    topics: ["dispatch-requests", "dispatch-replies"],
    server: { served: dispatch, variable: "DISPATCH_SERVICE" },
  },
  {
    folder: folder("route-guide"),
    ports: [7151],
    topics: ["grpc-request", "grpc-response"],
    server: { served: routeGuide, variable: "ROUTE_GUIDE_SERVER" },
  },
];
