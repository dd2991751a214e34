// HTTP over TLS: our server and our client, each with a foreign other side, and with each other.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createSecureServer } from "node:http2";
import { request as request1 } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createServer } from "node:tls";
import { bindHttpClient } from "../../../src/bindings/http/client.ts";
import { bindHttpServer } from "../../../src/bindings/http/server.ts";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import { bindTlsClient } from "../../../src/bindings/tls/client.ts";
import { OK } from "../../../src/core/status.ts";
import type { Http } from "../../../src/ports/http.ts";
import { callTo } from "../../kit/http-caller.ts";
import { bodyOf } from "../../kit/http-recorder.ts";
import { testExits, testRuntime } from "../../kit/runtime.ts";
import { CLIENT as TLS_CLIENT } from "../tls/tls-client-kit.ts";
import { check, pem, vaultOf } from "../tls/tls-kit.ts";
import { serverOf } from "../tls/tls-server-kit.ts";
import { CONFIG as CLIENT } from "./http-client-kit.ts";
import { CONFIG as SERVER } from "./http-server-kit.ts";

/** Answers with how it was asked, and the body. */
const telling: Http = ({ scheme, path, peer }, reply) => ({
  write: (batch) => reply.write(batch),
  end: () => {
    reply.write([Buffer.from(`${scheme} ${path} ${peer.tls?.alpn} ${peer.tls?.sni}`)]);
    reply.end(OK, { headers: [["t", "1"]] });
  },
  cancel() {},
  ready: () => reply.ready(),
});

const served = async (t: TestContext, alpn?: readonly string[]): Promise<number> => {
  const runtime = testRuntime();
  const http = bindHttpServer(
    { ...SERVER, routes: [{ exit: "next", when: [], overrides: [] }] },
    testExits({ next: { http: telling } }),
    runtime,
  );
  t.after(async () => {
    await http.close?.();
    runtime.wheel.close();
  });
  const { port } = await serverOf(t, alpn ? { alpn } : {}, { exits: { next: http.ports.connection! } });
  return port;
};

const client = (t: TestContext): Http => {
  const runtime = testRuntime({ vaults: { v: vaultOf([], ["ca"]) } });
  const tcp = bindTcpClient({ namespace: "test", name: "tcp", place: CLIENT.place }, runtime);
  const tls = bindTlsClient({ ...TLS_CLIENT, vault: "v", trust: ["ca"] }, testExits({ tcp: tcp.ports }), runtime);
  const http = bindHttpClient({ ...CLIENT, routes: [{ exit: "tls", when: [], overrides: [] }] }, testExits({ tls: tls.ports }), runtime);
  t.after(async () => {
    await http.close?.();
    runtime.wheel.close();
  });
  return http.ports.http!;
};

check("HTTP/2 is spoken over TLS when it is agreed on", async (t) => {
  const port = await served(t, ["h2"]);
  const session = connect(`https://localhost:${port}`, { ca: pem("ca.crt") });
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/p" });
  stream.end("hello ");
  const trailers = once(stream, "trailers");
  assert.equal(await bodyOf(stream), "hello https /p h2 localhost");
  assert.equal((await trailers)[0]["t"], "1");
});

check("a large body passes over TLS both ways", async (t) => {
  const port = await served(t, ["h2"]);
  const session = connect(`https://localhost:${port}`, { ca: pem("ca.crt") });
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/p" });
  stream.end(Buffer.alloc(2_000_000, "x"));
  assert.equal((await bodyOf(stream)).lastIndexOf("x"), 1_999_999);
});

check("HTTP/1.1 over TLS is answered, agreed on or not", async (t) => {
  for (const port of [await served(t, ["http/1.1", "h2"]), await served(t)]) {
    const message = request1({ host: "localhost", port, path: "/q", ca: pem("ca.crt"), agent: false });
    message.end();
    const [response] = await once(message, "response");
    let body = "";
    for await (const chunk of response) body += chunk;
    assert.match(body, /^https \/q (http\/1\.1)? localhost$/);
  }
});

check("our client speaks HTTP/2 over TLS with a foreign server", async (t) => {
  const server = createSecureServer({ key: pem("one.key"), cert: pem("one.crt") }, (request, response) =>
    response.end(`${request.stream.session?.alpnProtocol}`),
  );
  server.on("session", (session) => t.after(() => session.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo; // Listening on tcp.
  const { caller, requests } = callTo(client(t), port, { scheme: "https", authority: `localhost:${port}` });
  requests.end();
  await caller.until("end");
  assert.equal(String(caller.body), "h2", caller.status?.message);
});

check("a foreign server that agrees on HTTP/1.1 only is told apart", async (t) => {
  const server = createServer({ key: pem("one.key"), cert: pem("one.crt"), ALPNProtocols: ["http/1.1"] });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo; // Listening on tcp.
  const { caller } = callTo(client(t), port, { scheme: "https", authority: `localhost:${port}` });
  await caller.until("end");
  assert.match(caller.status?.message ?? "", /TLS failed .*no.application.protocol/i);
  assert.equal(caller.status?.unprocessed, true);
});

check("our client and our server speak with each other", async (t) => {
  const port = await served(t, ["h2"]);
  const { caller, requests } = callTo(client(t), port, { scheme: "https", authority: `localhost:${port}` });
  requests.write([Buffer.from("hi ")]);
  requests.end();
  await caller.until("end");
  assert.equal(String(caller.body), "hi https /p?q h2 localhost");
});
