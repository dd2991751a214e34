// An http server behind a tcp server, and foreign callers.
import { once } from "node:events";
import { request as request1 } from "node:http";
import { connect } from "node:http2";
import type { TestContext } from "node:test";
import { HTTP_LIMITS, type HttpServerConfig } from "../../../src/bindings/http/config.ts";
import { bindHttpServer } from "../../../src/bindings/http/server.ts";
import { bindTcpServer } from "../../../src/bindings/tcp/server.ts";
import { OK } from "../../../src/core/status.ts";
import type { Http } from "../../../src/ports/http.ts";
import { bodyOf } from "../../kit/http-recorder.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";

export const CONFIG: HttpServerConfig = {
  namespace: "test",
  name: "north",
  place: NOWHERE,
  versions: ["http/1.1", "h2"],
  limits: HTTP_LIMITS,
  overrides: [],
  routes: [{ exit: "next", when: [], overrides: [] }],
};

export const served = async (
  t: TestContext,
  services: Readonly<Record<string, Http>>,
  given: Partial<HttpServerConfig> & TestParts = {},
) => {
  const runtime = testRuntime(given);
  const exits = testExits(Object.fromEntries(Object.entries(services).map(([name, http]) => [name, { http }])));
  const http = bindHttpServer({ ...CONFIG, ...given }, exits, runtime);
  const tcp = bindTcpServer(
    {
      namespace: "test",
      name: "tcp",
      place: NOWHERE,
      host: "127.0.0.1",
      ports: [{ from: 0, to: 0 }],
      routes: [{ exit: "http", when: [] }],
    },
    testExits({ http: http.ports }),
    runtime,
  );
  await tcp.start?.();
  t.after(async () => {
    await tcp.drain?.(0);
    await http.close?.();
    await tcp.close?.();
    runtime.wheel.close();
  });
  return { port: tcp.addresses()[0]!.port, http, runtime };
};

/** Answers with what it was asked. */
export const mirror: Http = (request, reply) => ({
  write: () => true,
  end: () => {
    const { method, scheme, authority, path } = request;
    const own = request.headers.filter(([name]) => name.startsWith("x-"));
    reply.headers({ status: 200, headers: [...own, ["content-type", "text/plain"]] });
    reply.write([Buffer.from(`${method} ${scheme}://${authority}${path}`)]);
    reply.end(OK);
  },
  cancel() {},
  ready() {},
});

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export const asked = async (t: TestContext, port: number, headers: Record<string, string> = {}): Promise<Answer> => {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/p", ...headers });
  stream.on("error", () => {});
  stream.end();
  const [response] = await once(stream, "response");
  return { status: response[":status"], headers: response, body: await bodyOf(stream) };
};

/** A request over HTTP/1.1. */
export interface Asking1 {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export const asked1 = async (port: number, { method, headers = {}, body = "" }: Asking1): Promise<Answer> => {
  const message = request1({ host: "127.0.0.1", port, method, path: "/p?q", headers, agent: false });
  message.end(body);
  const [response] = await once(message, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
};

export const route = (exit: string, ...when: Record<string, string>[]) => ({
  exit,
  when: when.map((headers) => ({ headers: Object.entries(headers) })),
  overrides: [],
});

export const named =
  (name: string): Http =>
  (request, reply) => ({ ...mirror(request, reply), end: () => reply.end(OK, { status: 200, headers: [["x-exit", name]] }) });
