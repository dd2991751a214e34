// `npm run long:open-stream`: two streams stay open for an hour while calls behind them finish, in the same partition; then the process
// that carries them all is killed and started anew. The streams end, and none of the finished calls is run again. With a number of seconds
// it only rehearses, and leaves the result as it is: `npm run long:open-stream -- 60`.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { type Client, type StatusObject, status } from "@grpc/grpc-js";
import { decodeDone } from "../../src/kafka/client/commit-metadata.ts";
import { type Backend, ECHO, startBackend } from "../kit/backend.ts";
import { call, channelTo, hold } from "../kit/grpc-client.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { commitsOf } from "../kit/topics.ts";
import { OPEN_STREAM } from "./expected.ts";
import { longRun, type Report, rehearse } from "./record.ts";

const TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
/** A message and a tombstone. */
const CALL_RECORDS = 2;
const TOPICS = { "echo-requests": 1, "echo-responses": 1 };

/** A stream and the messages it has echoed. */
interface OpenStream {
  readonly name: string;
  readonly sent: string[];
  readonly echo: (text: string) => Promise<void>;
  /** Its status, once it ends. */
  readonly ended: Promise<StatusObject>;
}

interface Stage {
  readonly kafka: SharedKafka;
  readonly scenario: Scenario;
  readonly backend: Backend;
  readonly client: Client;
  readonly seconds: number;
  readonly report: Report;
}

const openStream = async (client: Client, name: string): Promise<OpenStream> => {
  const { stream, next } = hold(client, { path: ECHO.bidi });
  const sent: string[] = [];
  const ended = new Promise<StatusObject>((resolve) => stream.on("status", resolve));
  const echo = async (text: string): Promise<void> => {
    sent.push(text);
    stream.write(Buffer.from(text));
    assert.equal((await next())?.toString(), text, `${name} did not get its own message back`);
  };
  await echo(`${name} 0`);
  return { name, sent, echo, ended };
};

/** As many calls as the seconds want, each begun at its time; settles when all are answered. */
const callAll = async ({ client, seconds }: Stage): Promise<void> => {
  const began = performance.now();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (let at = 0; at < seconds * OPEN_STREAM.callsASecond && failures.length === 0; at++) {
    const early = began + (at * 1_000) / OPEN_STREAM.callsASecond - performance.now();
    if (early > 0) await setTimeout(early);
    const one = callOne(client, `call ${at}`)
      .catch((reason) => failures.push(reason))
      .then(() => void running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
};

const callOne = async (client: Client, text: string): Promise<void> => {
  const { code, details, replies } = await call(client, { path: ECHO.unary, requests: [Buffer.from(text)], timeoutMs: TIMEOUT_MS });
  assert.deepEqual([code, replies.map(String)], [status.OK, [text]], details);
};

const keepTalking = async (stream: OpenStream, seconds: number): Promise<void> => {
  for (let at = 1; at * OPEN_STREAM.messageEverySeconds < seconds; at++) {
    await setTimeout(OPEN_STREAM.messageEverySeconds * 1_000);
    await stream.echo(`${stream.name} ${at}`);
  }
};

/** Until the group has committed that everything but the streams' own records is done; the length of what it says of that. */
const untilCommitted = async ({ kafka, scenario }: Stage, end: number): Promise<number> => {
  const group = `zilla:${scenario.namespace}-west_kafka_grpc_remote_server`;
  for (;;) {
    const [commit] = await commitsOf(kafka.bootstrap, group, scenario.topics["echo-requests"] ?? "");
    if (commit && (decodeDone(commit.offset, commit.metadata).at(-1)?.to ?? 0) >= end) {
      assert.equal(commit.offset, 0, "the first stream's first record is not done");
      return commit.metadata.length;
    }
    await setTimeout(LOOK_EVERY_MS);
  }
};

const within = <T>(promise: Promise<T>, what: string): Promise<T> => {
  const never = setTimeout(TIMEOUT_MS, undefined, { ref: false }).then(() => assert.fail(`${what}: not within ${TIMEOUT_MS} ms`));
  return Promise.race([promise, never]);
};

/** How often the server was called with that as the first message. */
const timesRun = ({ seen }: Backend): ReadonlyMap<string, number> => {
  const times = new Map<string, number>();
  for (const { requests } of seen) times.set(String(requests[0]), (times.get(String(requests[0])) ?? 0) + 1);
  return times;
};

const play = async (stage: Stage): Promise<void> => {
  const { backend, client, report, scenario, seconds } = stage;
  const calls = seconds * OPEN_STREAM.callsASecond;
  const began = performance.now();
  const silent = await openStream(client, "silent");
  const talking = await openStream(client, "talking");
  const streams = [silent, talking];
  await Promise.all([callAll(stage), keepTalking(talking, seconds)]);
  const messages = silent.sent.length + talking.sent.length;
  const left = began + seconds * 1_000 - performance.now();
  if (left > 0) await setTimeout(left);
  report.figure("messages of the streams", messages);
  report.pass(`two streams open for ${seconds} s, each message came back; ${calls} calls behind them: all OK`);
  const bytes = await within(untilCommitted(stage, messages + calls * CALL_RECORDS), "the commit of all calls");
  report.figure("bytes of the commit's metadata", bytes);
  const killed = performance.now();
  await scenario.sluice.kill();
  await scenario.another();
  await callOne(client, "after");
  report.figure("seconds from the kill to the next answer", (performance.now() - killed) / 1_000);
  for (const { name, ended } of streams) {
    const { code, details } = await within(ended, `the end of ${name}`);
    assert.ok(code === status.OK || code === status.ABORTED, `${name} ended with ${status[code]}: ${details}`);
  }
  report.pass("after kill -9 of their process both streams ended OK or ABORTED");
  const times = timesRun(backend);
  for (let at = 0; at < calls; at++) assert.equal(times.get(`call ${at}`), 1, `call ${at}`);
  for (const { name } of streams) assert.equal(times.get(`${name} 0`), 2, `${name} was not begun again, so the kill met nothing`);
  report.pass(`none of the ${calls} finished calls was run again`);
};

const holdOpen =
  (seconds: number) =>
  async (report: Report): Promise<void> => {
    const undo: (() => unknown)[] = [];
    try {
      const kafka = await sharedKafka();
      undo.push(() => kafka.stop());
      const backend = await startBackend();
      undo.push(() => backend.stop());
      // The first process owns the only partition; the second serves the caller.
      const scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics: TOPICS, backendPort: backend.port });
      undo.push(() => scenario.stop());
      const client = channelTo((await scenario.another()).port);
      undo.push(() => client.close());
      await play({ kafka, scenario, backend, client, seconds, report });
    } finally {
      for (const step of undo.reverse()) await step();
    }
  };

const rehearsal = process.argv[2];
if (rehearsal === undefined) await longRun("open-stream", holdOpen(OPEN_STREAM.seconds));
else if (/^[1-9][0-9]*$/.test(rehearsal)) await rehearse(holdOpen(Number(rehearsal)));
else throw new Error(`'${rehearsal}' is no number of seconds`);
