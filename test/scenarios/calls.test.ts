// What a gRPC client may rely on: the same claims of a server called directly, of a proxied one, and of one behind two topics of Kafka.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Client, status } from "@grpc/grpc-js";
import { CONSUMER_GROUPS } from "../kafka-server/features.ts";
import { type Backend, ECHO, REPEATS, startBackend, TELL } from "../kit/backend.ts";
import { call, channelTo, hold } from "../kit/grpc-client.ts";
import { type Need, needs } from "../kit/needs.ts";
import { BY_CONSUMER_PROTOCOL, type ScenarioOptions, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

interface Subject {
  readonly name: string;
  readonly needs: readonly Need[];
  /** Puts itself before the backend; where to call, and how to end. */
  readonly start: (backend: Backend) => Promise<{ readonly port: number; stop(): Promise<void> }>;
}

const behindKafka = async (backend: Backend, kafka: SharedKafka, more: Partial<ScenarioOptions> = {}): ReturnType<Subject["start"]> => {
  const topics = { "echo-requests": 2, "echo-responses": 3 };
  const starting = startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port, ...more });
  const scenario = await starting.catch((reason) => kafka.stop().then(() => Promise.reject(reason)));
  return { port: scenario.port, stop: () => scenario.stop().finally(() => kafka.stop()) };
};

const SUBJECTS: readonly Subject[] = [
  { name: "a server without a proxy", needs: [], start: async ({ port }) => ({ port, stop: async () => {} }) },
  { name: "grpc.proxy", needs: ["openssl"], start: (backend) => startScenario({ example: "grpc.proxy", backendPort: backend.port }) },
  { name: "grpc.kafka.proxy", needs: ["kafka"], start: async (backend) => behindKafka(backend, await sharedKafka()) },
  {
    name: "grpc.kafka.proxy over Apache Kafka 3.9.2",
    needs: ["kafka"],
    start: async (backend) => behindKafka(backend, await sharedKafka({ version: "3.9.2" })),
  },
  {
    name: "grpc.kafka.proxy in a group of the consumer protocol",
    needs: ["kafka"],
    start: async (backend) => behindKafka(backend, await sharedKafka(CONSUMER_GROUPS), { replace: BY_CONSUMER_PROTOCOL }),
  },
];

const bytes = (text: string): Buffer => Buffer.from(text);
const texts = (replies: readonly Buffer[]): string[] => replies.map(String);
const valuesOf = (pairs: readonly (readonly [string, string | Buffer])[], name: string): string[] =>
  pairs.filter(([found]) => found === name).map(([, value]) => value.toString());

for (const subject of SUBJECTS) {
  describe(`through ${subject.name}`, needs(...subject.needs), () => {
    let backend: Backend;
    let running: { readonly port: number; stop(): Promise<void> };
    let client: Client;
    before(async () => {
      backend = await startBackend();
      running = await subject.start(backend);
      client = channelTo(running.port);
    });
    after(async () => {
      client.close();
      await running.stop();
      backend.stop();
    });

    test("all four kinds of calls are answered, in order", async () => {
      const requests = [bytes("a"), bytes("b"), bytes("c")];
      const answers = await Promise.all([
        call(client, { path: ECHO.unary, requests: [bytes("a")] }),
        call(client, { path: ECHO.serverStream, requests: [bytes("a")] }),
        call(client, { path: ECHO.clientStream, requests }),
        call(client, { path: ECHO.bidi, requests }),
      ]);
      assert.deepEqual(
        answers.map(({ code }) => code),
        Array(4).fill(status.OK),
      );
      assert.deepEqual(
        answers.map(({ replies }) => texts(replies)),
        [["a"], Array(REPEATS).fill("a"), ["abc"], ["a", "b", "c"]],
      );
    });

    test("metadata of the caller reach the server, the server's headers and trailers reach the caller", async () => {
      const binary = Buffer.from([0, 255, 254, 62, 63]);
      const metadata = [
        ["custom", "one"],
        ["custom-bin", binary],
        ["sole", "u%41"],
      ] as const;
      const { initial, trailers } = await call(client, { path: ECHO.unary, requests: [bytes("meta")], metadata });
      const seen = await backend.saw(({ requests }) => requests[0]?.toString() === "meta");
      assert.deepEqual(
        [seen.metadata.get("custom"), seen.metadata.get("custom-bin"), seen.metadata.get("sole")],
        [["one"], [binary], ["u%41"]],
      );
      assert.deepEqual(valuesOf(initial, "served-by"), ["backend"]);
      assert.deepEqual(
        initial.filter(([name]) => name === "custom-bin"),
        [["custom-bin", binary]],
      );
      assert.deepEqual(valuesOf(trailers, "trailing"), ["last words"]);
    });

    test("metadata of concurrent calls are their own", async () => {
      const names = Array.from({ length: 200 }, (_, at) => `call-${at}`);
      const answers = await Promise.all(
        names.map((name) => call(client, { path: ECHO.unary, requests: [bytes(name)], metadata: [["custom", name]] })),
      );
      assert.deepEqual(
        answers.map(({ replies, initial }) => [...texts(replies), ...valuesOf(initial, "custom")]),
        names.map((name) => [name, name]),
      );
    });

    test("a status arrives with its message, before any reply and after some", async () => {
      const message = "größer als 100 % – ☃";
      for (const code of [
        status.INVALID_ARGUMENT,
        status.NOT_FOUND,
        status.RESOURCE_EXHAUSTED,
        status.FAILED_PRECONDITION,
        status.UNAUTHENTICATED,
      ]) {
        const metadata = [
          [TELL.status, String(code)],
          [TELL.message, encodeURIComponent(message)],
        ] as const;
        const answer = await call(client, { path: ECHO.unary, requests: [bytes("x")], metadata });
        assert.deepEqual([answer.code, answer.details, answer.replies], [code, message, []]);
      }
      const metadata = [
        [TELL.status, String(status.ABORTED)],
        [TELL.message, "enough"],
        [TELL.afterReplies, "yes"],
      ] as const;
      const answer = await call(client, { path: ECHO.serverStream, requests: [bytes("x")], metadata });
      assert.deepEqual([answer.code, answer.details, answer.replies.length], [status.ABORTED, "enough", REPEATS]);
      assert.deepEqual(valuesOf(answer.trailers, "trailing"), ["last words"]);
    });

    test("a status without a message, and an answer without a reply, arrive as they are", async () => {
      const refused = await call(client, { path: ECHO.unary, requests: [bytes("x")], metadata: [[TELL.status, String(status.DATA_LOSS)]] });
      assert.deepEqual([refused.code, refused.details], [status.DATA_LOSS, ""]);
      const empty = await call(client, { path: ECHO.serverStream, requests: [bytes("x")], metadata: [[TELL.empty, "yes"]] });
      assert.deepEqual([empty.code, empty.replies], [status.OK, []]);
    });

    test("empty messages are messages, and no message is none", async () => {
      const empty = await call(client, { path: ECHO.bidi, requests: [bytes(""), bytes("x"), bytes("")] });
      assert.deepEqual([empty.code, texts(empty.replies)], [status.OK, ["", "x", ""]]);
      const none = await call(client, { path: ECHO.clientStream, requests: [] });
      assert.deepEqual([none.code, texts(none.replies)], [status.OK, [""]]);
    });

    test("a message of a million bytes passes unchanged", async () => {
      const large = Buffer.alloc(1_000_000, "0123456789abcdef~");
      const { code, replies } = await call(client, { path: ECHO.unary, requests: [large] });
      assert.equal(code, status.OK);
      assert.ok(replies[0]?.equals(large));
    });

    test("a reply comes while the requests are still open", async () => {
      const { stream, next } = hold(client, { path: ECHO.bidi });
      for (const word of ["ping", "pong", "peng"]) {
        stream.write(bytes(word));
        assert.equal((await next())?.toString(), word);
      }
      stream.end();
      assert.equal(await next(), undefined);
    });

    test("a deadline ends the call at the caller and at the server", async () => {
      const began = Date.now();
      const answer = await call(client, { path: ECHO.unary, requests: [bytes("late")], metadata: [[TELL.silence, "yes"]], timeoutMs: 800 });
      assert.equal(answer.code, status.DEADLINE_EXCEEDED);
      assert.ok(Date.now() - began < 5_000);
      const seen = await backend.saw(({ requests, cancelled }) => cancelled && requests[0]?.toString() === "late");
      assert.ok(seen.deadlineMs !== undefined && seen.deadlineMs <= began + 1_300);
    });

    test("a cancel reaches the server", async () => {
      const { stream, next } = hold(client, { path: ECHO.bidi });
      stream.write(bytes("leaving"));
      assert.equal((await next())?.toString(), "leaving");
      stream.cancel();
      await backend.saw(({ requests, cancelled }) => cancelled && requests[0]?.toString() === "leaving");
    });

    test("a method that is not there is UNIMPLEMENTED", async () => {
      const { code } = await call(client, { path: "/grpc.examples.echo.Echo/Nobody", requests: [bytes("x")] });
      assert.equal(code, status.UNIMPLEMENTED);
    });
  });
}
