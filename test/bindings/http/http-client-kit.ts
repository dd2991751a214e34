// An http client over a tcp client, and foreign servers that hold their answers.
import { once } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import type { TestContext } from "node:test";
import { bindHttpClient } from "../../../src/bindings/http/client.ts";
import { HTTP_LIMITS, type HttpClientConfig } from "../../../src/bindings/http/config.ts";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import { type Caller, foreign } from "../../kit/http-caller.ts";
import { turn } from "../../kit/http-recorder.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";

export const CONFIG: HttpClientConfig = {
  namespace: "test",
  name: "north",
  place: NOWHERE,
  versions: ["h2"],
  limits: HTTP_LIMITS,
  overrides: [],
  routes: [{ exit: "tcp", when: [], overrides: [] }],
};

export const clientOf = (t: TestContext, config: Partial<HttpClientConfig> = {}, parts?: TestParts) => {
  const runtime = testRuntime(parts);
  const tcp = bindTcpClient({ namespace: "test", name: "tcp", place: NOWHERE }, runtime);
  const bound = bindHttpClient({ ...CONFIG, ...config }, testExits({ tcp: tcp.ports }), runtime);
  t.after(async () => {
    await bound.close?.();
    runtime.wheel.close();
  });
  return { bound, runtime, service: bound.ports.http! };
};

export const closedPort = async (): Promise<number> => {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo; // Listening on tcp.
  listener.close();
  await once(listener, "close");
  return port;
};

export const answered = async (caller: Caller): Promise<number | undefined> => {
  await caller.until("end");
  return caller.status?.code;
};

/** A server that answers when it is told, and knows how many connections it has. */
export const holding = async (t: TestContext, streamsMax: number) => {
  const streams: ServerHttp2Stream[] = [];
  const sessions = new Set<unknown>();
  const port = await foreign(
    t,
    (stream) => {
      streams.push(stream);
      sessions.add(stream.session);
    },
    { maxConcurrentStreams: streamsMax },
  );
  const until = async (count: number): Promise<void> => {
    while (streams.length < count) await turn();
  };
  return { port, streams, sessions, until };
};
